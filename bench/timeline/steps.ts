import { z } from "zod";

import { pulumi } from "../../lab/pulumi";
import { readStack } from "../../lab/stack";
import { journal } from "../../tests/e2e/support/cluster/journal";
import type { Suite } from "../../tests/e2e/support/suite/suite";

/** One run of a step on a host; times are seconds since the run of Pulumi began. */
export interface StepRun {
  /** The Command's name. */
  readonly name: string;
  readonly host: string;
  /** Such as "prepare-node". */
  readonly step: string;
  readonly begin: number;
  readonly end: number;
}

/** A step that ran, and the Commands that it waited for. */
export interface PlannedRun extends StepRun {
  readonly after: readonly string[];
}

const exported = z.object({
  deployment: z.object({
    resources: z.array(
      z.object({
        urn: z.string(),
        type: z.string(),
        dependencies: z.array(z.string()).nullish(),
        inputs: z
          .object({
            create: z.string().optional(),
            // Secret as a whole: with --show-secrets it is JSON in a text.
            connection: z.object({ plaintext: z.string() }).optional(),
          })
          .nullish(),
      }),
    ),
  }),
});

type Resource = z.output<typeof exported>["deployment"]["resources"][number];

const nameOf = ({ urn }: Resource): string => urn.split("::").at(-1) ?? urn;

/**
 * What ran where and when in a run of `pulumi up` that made the stack: the order out of Pulumi's state, the times out of the
 * hosts' journals.
 *
 * @param since when the run began, in milliseconds since 1970. The hosts share the machine's clock.
 */
export async function stepsOfRun(suite: Suite, since: number): Promise<PlannedRun[]> {
  const told = await pulumi(suite.lab, ["stack", "export", "--show-secrets"]);
  const { resources } = exported.parse(JSON.parse(told.stdout)).deployment;
  const hosts = new Map(readStack(suite.lab).hosts.map(({ port, name }) => [port, name]));
  const journals = new Map<string, readonly (readonly [number, string])[]>();
  for (const host of hosts.values()) journals.set(host, await journal(suite, host, since));
  return commandsOf(resources).flatMap(({ name, port, after }) => {
    const host = hosts.get(port) ?? "";
    const found = timesOf(name, host, journals.get(host) ?? []);
    if (found === undefined) return [];
    const seconds = (at: number): number => (at - since) / 1000;
    const { step, begin, end } = found;
    return [{ name, host, step, begin: seconds(begin), end: seconds(end), after }];
  });
}

/** Commands that ran at the stack's making, and the Commands that each waited for, through whatever lay between. */
function commandsOf(
  resources: readonly Resource[],
): { name: string; port: number; after: string[] }[] {
  const byUrn = new Map(resources.map((one) => [one.urn, one]));
  const ran = (one: Resource): boolean =>
    one.type === "command:remote:Command" && one.inputs?.create !== undefined;
  const waits = (one: Resource, seen: Set<string>): string[] =>
    (one.dependencies ?? []).flatMap((urn) => {
      const found = byUrn.get(urn);
      if (found === undefined || seen.has(urn)) return [];
      seen.add(urn);
      return ran(found) ? [nameOf(found)] : waits(found, seen);
    });
  return resources.filter(ran).map((one) => ({
    name: nameOf(one),
    port: portOf(one.inputs?.connection?.plaintext),
    after: waits(one, new Set()),
  }));
}

const connection = z.object({ port: z.number() });

function portOf(plaintext: string | undefined): number {
  return plaintext === undefined ? 0 : connection.parse(JSON.parse(plaintext)).port;
}

/**
 * When a Command's step ran, by the lines "STEP: begin" and "STEP: end" in its host's journal: the step is the one whose
 * name is, or begins, the end of the Command's name.
 *
 * @returns undefined where the journal does not show it.
 */
export function timesOf(
  command: string,
  host: string,
  lines: readonly (readonly [at: number, text: string])[],
): { step: string; begin: number; end: number } | undefined {
  const matches = (step: string): boolean => {
    const deed = command.startsWith(`${host}-`) ? command.slice(host.length + 1) : command;
    const last = deed.split("-").at(-1) ?? deed;
    return step === deed || step === last || step.startsWith(`${last}-`);
  };
  for (const [begin, text] of lines) {
    const step = /^(\S+): begin$/.exec(text)?.[1];
    if (step === undefined || !matches(step)) continue;
    const end = lines.find(([at, other]) => at >= begin && other === `${step}: end`)?.[0];
    if (end !== undefined) return { step, begin, end };
  }
  return undefined;
}
