import type { PulumiRun } from "../suite/pulumiRun";
import type { Suite } from "../suite/suite";
import { startWriter } from "./writer";

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
  const run = await suite.pulumiUp();
  await writer.steady(Date.now(), count);
  const { lost, acknowledged, attempted, gap } = await writer.stop();
  console.log(
    `${what}: ${run.seconds.toFixed(1)} s; gap: ${gap.toFixed(1)} s, ${acknowledged} of ${attempted} acknowledged, ${lost.length} lost`,
  );
  expect(lost).toEqual([]);
  expect(acknowledged).toBeGreaterThan(50);
  expect(gap).toBeLessThan(10);
  return run;
}
