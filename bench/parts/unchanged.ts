import type { Progress } from "../../lab/output";
import type { PulumiRun } from "../../tests/e2e/support/suite/pulumiRun";
import { median } from "../arithmetic";
import type { Goal, Measurement, PartResult } from "../report";
import { bench, ensureCluster } from "../suite";
import type { Shared } from "./shared";

const trials = 3;

/** `up` and `preview` of a cluster in which nothing has changed. */
export async function unchanged(report: Progress, shared: Shared): Promise<PartResult> {
  if (shared.bringUp === undefined) await ensureCluster();
  const up = await several(report, "up", () => bench.pulumiUp(["--expect-no-changes"]), {
    most: 10,
    aim: 5,
  });
  const preview = await several(
    report,
    "preview",
    () => bench.pulumiPreview(["--expect-no-changes"]),
    { most: 7, aim: 4 },
  );
  return { measurements: [up, preview] };
}

async function several(
  report: Progress,
  what: string,
  run: () => Promise<PulumiRun>,
  goal: Goal,
): Promise<Measurement> {
  const seconds: number[] = [];
  for (let i = 0; i < trials; i++) {
    seconds.push((await report.step(`${what} without a change`, run, () => "done")).seconds);
  }
  const from = `median of ${seconds.map((one) => one.toFixed(1)).join(", ")}`;
  return { what: `${what} without a change`, value: median(seconds), unit: "s", from, goal };
}
