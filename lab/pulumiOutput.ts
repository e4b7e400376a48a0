import { duration } from "./output";

/** A resource that Pulumi has finished, as its non-interactive output tells it. */
export interface FinishedResource {
  readonly name: string;
  /** "created", "updated", "replaced", "deleted" … */
  readonly deed: string;
  readonly seconds: number;
}

/**
 * Reads one line of `pulumi up --non-interactive`, such as
 * " +  command:remote:Command cp2-join created (12s)".
 *
 * @returns undefined for every other line, and for the stack itself.
 */
export function finishedResource(line: string): FinishedResource | undefined {
  const match =
    /^\s*[+~-]{1,2}\s+(?!pulumi:pulumi:Stack )\S+ (\S+) (created|updated|replaced|deleted|read|imported) (?:original |replacement )?\((\d+(?:\.\d+)?)s\)/.exec(
      line,
    );
  if (match === null) return undefined;
  const [, name = "", deed = "", seconds = ""] = match;
  return { name, deed, seconds: Number(seconds) };
}

/** A finished resource worth a person's attention, as a line; undefined for what took next to no time. */
export function finishedLine(line: string, least = 0.5): string | undefined {
  const found = finishedResource(line);
  if (found === undefined || found.seconds < least) return undefined;
  return `${found.name} ${found.deed} (${duration(found.seconds)})`;
}

/**
 * What Pulumi says at the end about what went wrong: the section "Diagnostics" of its output, without its heading.
 *
 * @returns an empty text where there is none.
 */
export function diagnostics(output: string): string {
  const lines = output.split("\n");
  const begin = lines.lastIndexOf("Diagnostics:");
  if (begin < 0) return "";
  const rest = lines.slice(begin + 1);
  const end = rest.findIndex((line) => /^(Outputs|Resources|Duration|Policies):?/.test(line));
  return (end < 0 ? rest : rest.slice(0, end)).join("\n").trimEnd();
}

/** The counts under "Resources:", such as "57 created" or "61 unchanged". */
export function resourceCounts(output: string): string {
  const section = /^Resources:\n((?: {4}.*\n?)+)/m.exec(output)?.[1] ?? "";
  const counts = section
    .split("\n")
    .map((line) => line.replace(/^\s*[+~-]*\s*/, "").trim())
    .filter((line) => line !== "" && !/ changes?\./.test(line));
  return counts.join(", ");
}
