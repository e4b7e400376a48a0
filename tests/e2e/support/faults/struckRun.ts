import { eventually } from "../eventually";
import { journal } from "../cluster/journal";
import { runPulumi } from "../suite/pulumiRun";
import type { Suite } from "../suite/suite";

/** A run of `pulumi up` that something happened to while it was under way. */
export interface StruckRun {
  readonly code: number;
  /** All it printed. */
  readonly output: string;
  /** Seconds from the blow to the run's end. */
  readonly secondsAfter: number;
}

/** A moment of a run: throws until it has come. @param since when the run began; milliseconds since 1970. */
export type Moment = (since: number) => Promise<unknown>;

/** The moment when a step says something on its host: a line of its journal that begins like this. */
export function said(suite: Suite, host: string, beginning: string): Moment {
  return async (since) => {
    const lines = (await journal(suite, host, since)).map(([, text]) => text);
    if (lines.some((text) => text.startsWith(beginning))) return;
    throw new Error(`${host} has not said "${beginning}":\n${lines.join("\n")}`);
  };
}

/**
 * Begins `pulumi up`, strikes at a moment of it, which has to come within 300 s, and waits for the run's end, however it ends.
 *
 * @throws when the run ends before that moment.
 */
export async function strikeDuringUp(
  suite: Suite,
  moment: Moment,
  strike: () => Promise<unknown>,
): Promise<StruckRun> {
  const begin = Date.now();
  let ended = 0;
  const up = runPulumi(suite.lab, ["up", "--yes", "--skip-preview"]).finally(
    () => (ended = Date.now()),
  );
  // Asked before the blow: it may end the run before it is over itself.
  let early = false;
  try {
    await eventually(300, async () => ended > 0 || (await moment(begin)));
    early = ended > 0;
    if (!early) await strike();
  } catch (error) {
    await up;
    throw error;
  }
  const struck = Date.now();
  const { code, stdout, stderr } = await up;
  const output = `${stdout}${stderr}`;
  if (early) throw new Error(`pulumi up ended before anything happened to it:\n${output}`);
  return { code, output, secondsAfter: Math.max(0, ended - struck) / 1000 };
}
