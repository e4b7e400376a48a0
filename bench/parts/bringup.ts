import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";

import { checkout } from "../../lab/lab";
import { duration, type Progress } from "../../lab/output";
import { median } from "../arithmetic";
import { bringUpByHand, type LimitRun } from "../limit";
import type { PartResult } from "../report";
import { bench, freshHosts, whole } from "../suite";
import { criticalPath } from "../timeline/criticalPath";
import { timeline } from "../timeline/picture";
import { stepsOfRun, type PlannedRun } from "../timeline/steps";
import type { Shared } from "./shared";

const trials = 3;
const hosts = ["lb", "cp1", "cp2", "cp3", "w1", "w2"] as const;

/** The picture of the last run, relative to the checkout. */
export const pictureFile = "docs/performance/timeline.svg";

/** `pulumi up` against the same cluster made by hand, in turns; the last cluster stays. */
export async function bringup(report: Progress, shared: Shared): Promise<PartResult> {
  const byHand: LimitRun[] = [];
  const byPulumi: number[] = [];
  const steps: PlannedRun[][] = [];
  for (let i = 1; i <= trials; i++) {
    await freshHosts();
    const told = ({ seconds }: { seconds: number }): string => duration(seconds);
    byHand.push(await report.step(`by hand, run ${i}`, bringUpByHand, told));
    await freshHosts();
    const began = Date.now();
    byPulumi.push((await report.step(`pulumi up, run ${i}`, () => bench.pulumiUp(), told)).seconds);
    steps.push(await stepsOfRun(bench, began));
    await whole();
  }
  shared.bringUp = median(byPulumi);
  const limit = median(byHand.map(({ seconds }) => seconds));
  const best = Math.min(...byPulumi) / Math.min(...byHand.map(({ seconds }) => seconds));
  const list = (all: readonly number[]): string =>
    `median of ${all.map((one) => one.toFixed(1)).join(", ")}`;
  return {
    measurements: [
      { what: "by hand", value: limit, unit: "s", from: list(byHand.map((r) => r.seconds)) },
      { what: "pulumi up", value: shared.bringUp, unit: "s", from: list(byPulumi) },
      {
        what: "pulumi up, of by hand",
        value: shared.bringUp / limit,
        unit: "×",
        from: `each pair: ${byPulumi.map((s, i) => (s / (byHand[i]?.seconds ?? s)).toFixed(2)).join(", ")}`,
        goal: { most: 1.3, aim: 1.15 },
      },
      {
        what: "the best run of each, likewise",
        value: best,
        unit: "×",
        from: "what disturbs a run makes it longer only",
      },
    ],
    remarks: remarks(byPulumi, steps, byHand.at(-1)),
  };
}

/** Draws the last run, and tells the critical path of each: where a run took longer than the others, it shows in which step. */
function remarks(
  byPulumi: readonly number[],
  steps: readonly PlannedRun[][],
  hand: LimitRun | undefined,
): string {
  const last = steps.at(-1) ?? [];
  const critical = criticalPath(last);
  draw(byPulumi.at(-1) ?? 0, last, critical);
  const lines = critical.map(({ name, begin, end }, i) => {
    const idle = begin - (critical[i - 1]?.end ?? 0);
    return `- ${name}: ${begin.toFixed(1)} to ${end.toFixed(1)} s (${(end - begin).toFixed(1)} s; ${idle.toFixed(1)} s between it and what it waited for)`;
  });
  const each = steps.map((run, i) => `- ${String(i + 1)}: ${briefly(criticalPath(run))}`);
  const byHand = (hand?.steps ?? []).map(({ name, seconds }) => `${name} ${seconds.toFixed(1)} s`);
  return `
The critical path of the last run of \`pulumi up\`, from its start:

${lines.join("\n")}

The critical path of each run, how long each step took:

${each.join("\n")}

The last run by hand: ${byHand.join(", ")}.
`;
}

function draw(seconds: number, runs: readonly PlannedRun[], critical: readonly PlannedRun[]): void {
  const file = path.join(checkout, pictureFile);
  mkdirSync(path.dirname(file), { recursive: true });
  const title = `pulumi up of 3 control planes and 2 workers: ${seconds.toFixed(1)} s`;
  writeFileSync(file, timeline(title, hosts, runs, critical));
}

function briefly(critical: readonly PlannedRun[]): string {
  return critical.map(({ name, begin, end }) => `${name} ${(end - begin).toFixed(1)} s`).join(", ");
}
