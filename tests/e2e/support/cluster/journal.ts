import type { Suite } from "../suite/suite";

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

/**
 * Follows a host's journal until a step that has begun since then says something: for whoever has to be there at once.
 *
 * @param line how the line begins, such as `found: kubeadm init`.
 * @param seconds how long it is waited for.
 * @returns whether the line came.
 */
export async function saysWithin(
  suite: Suite,
  host: string,
  line: string,
  { since, seconds }: { readonly since: number; readonly seconds: number },
): Promise<boolean> {
  const [step = ""] = line.split(":");
  const pattern = line.replace(/[.*[\]^$/\\]/g, "\\$&");
  // An older run's step may still be at work there: what it says is not meant. (No line has a line break: the range does not
  // end. With `$` as its end, sed would wait for one line more.)
  const filter = `/^${step}: begin$/,/\\n/ { /^${pattern}/ { p; q } }`;
  const from = `@${(since / 1000).toFixed(3)}`;
  const follow = `timeout ${seconds} journalctl -t kubeadm-ha --since ${from} --lines=all --follow -o cat --no-pager`;
  return new Promise((resolve, reject) => {
    suite
      .onHost(host, `sed -nu '${filter}' < <(exec ${follow} 2>/dev/null)`, {
        timeout: seconds + 30,
        onLine: (text) => {
          if (text.startsWith(line)) resolve(true);
        },
      })
      .then(() => resolve(false), reject);
  });
}
