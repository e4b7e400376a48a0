import type { Suite } from "./suite";
import { startWriter, type Writer } from "./writer";
import { gapIn, summary, type Trial } from "./writes";

/** Something that fails while a client writes. */
export interface Fault {
  /** How the story's line calls it. */
  readonly name: string;
  /** Makes it fail. @param writer the client, where the fault is to hit what it uses. */
  strike(writer: Writer): Promise<void>;
  /** Brings back what had failed; leave it out where it comes back by itself. */
  mend?(writer: Writer): Promise<void>;
}

/** How many trials the worst gap is taken of. */
export const trialsOfAFault = 3;

/**
 * Lets a fault happen again and again while a client on a worker writes, and prints the worst gap. Each time everything has
 * to be whole again, without Pulumi.
 *
 * @param whole throws until the cluster is as it was.
 */
export async function tryFault(
  suite: Suite,
  fault: Fault,
  whole: () => Promise<void>,
): Promise<readonly Trial[]> {
  const trials: Trial[] = [];
  for (let i = 0; i < trialsOfAFault; i++) trials.push(await tryOnce(suite, fault, whole));
  console.log(summary(fault.name, trials));
  return trials;
}

async function tryOnce(suite: Suite, fault: Fault, whole: () => Promise<void>): Promise<Trial> {
  await whole();
  const writer = await startWriter(suite, { on: "w1" });
  const struck = Date.now();
  await fault.strike(writer);
  // Five seconds of successes: what is noticed late, such as a failed check, is then behind us.
  await writer.steady(Date.now(), 50);
  const mended = Date.now();
  await fault.mend?.(writer);
  await whole();
  await writer.steady(Date.now());
  const report = await writer.stop();
  const gap = gapIn(report.writes, { from: struck, to: fault.mend ? mended : Date.now() });
  if (fault.mend === undefined) return { report, gap };
  return { report, gap, gapAtReturn: gapIn(report.writes, { from: mended }) };
}
