import type { PulumiRun } from "../suite/pulumiRun";
import type { Suite } from "../suite/suite";
import { startWriter } from "./writer";
import { longestGap } from "./writes";

/**
 * `pulumi up` while a client writes: nothing that was acknowledged may be lost, and the gap stays below ten seconds.
 *
 * @param count how many writes in a row have to succeed afterwards. Default: the writer's.
 */
export async function upWhileWriting(
  suite: Suite,
  what: string,
  count?: number,
): Promise<PulumiRun> {
  const writer = await startWriter(suite, { on: "w1" });
  const begin = Date.now();
  const run = await suite.pulumiUp();
  await writer.steady(Date.now(), count);
  const { lost, acknowledged, attempted, gap, writes } = await writer.stop();
  const after = (longestGap(writes).since - begin) / 1000;
  console.log(
    `${what}: ${run.seconds.toFixed(1)} s; gap: ${gap.toFixed(1)} s, ${after.toFixed(1)} s after the begin, ${acknowledged} of ${attempted} acknowledged, ${lost.length} lost`,
  );
  expect(lost).toEqual([]);
  expect(acknowledged).toBeGreaterThan(50);
  expect(gap).toBeLessThan(10);
  return run;
}
