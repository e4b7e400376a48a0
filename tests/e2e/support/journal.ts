import type { Suite } from "./suite";

/** When a step of the product ran on a host; milliseconds since 1970. */
export interface StepTimes {
  readonly begin: number;
  readonly end: number;
}

/** The product's lines in a host's journal, oldest first: `[milliseconds since 1970, text]`. */
export async function journal(
  suite: Suite,
  host: string,
  since: number,
): Promise<readonly (readonly [at: number, text: string])[]> {
  const from = `@${(since / 1000).toFixed(3)}`;
  const text = await suite.outputOf(
    host,
    `journalctl -t kubeadm-ha --since ${from} -o json --output-fields=MESSAGE --no-pager`,
  );
  return text
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => {
      const entry = JSON.parse(line) as { __REALTIME_TIMESTAMP: string; MESSAGE: string };
      return [Number(entry.__REALTIME_TIMESTAMP) / 1000, entry.MESSAGE] as const;
    });
}

/** The latest run of a step on a host. @throws where the journal has none since then. */
export async function stepTimes(
  suite: Suite,
  host: string,
  step: string,
  since: number,
): Promise<StepTimes> {
  const lines = await journal(suite, host, since);
  const at = (word: string): number | undefined =>
    lines.findLast(([, text]) => text === `${step}: ${word}`)?.[0];
  const [begin, end] = [at("begin"), at("end")];
  if (begin === undefined || end === undefined) {
    const told = lines.map(([, text]) => text).join("\n");
    throw new Error(`${host}: ${step} has not run since then:\n${told}`);
  }
  return { begin, end };
}
