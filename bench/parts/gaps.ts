import type { Progress } from "../../lab/output";
import { stackedFaults } from "../../tests/e2e/support/faults/stackedFaults";
import { tryFault } from "../../tests/e2e/support/faults/trials";
import type { Trial } from "../../tests/e2e/support/writes/writes";
import type { Measurement, PartResult } from "../report";
import { bench, ensureCluster, whole } from "../suite";
import type { Shared } from "./shared";

const goal = { most: 3, aim: 1 } as const;

/** How many trials the worst gap is taken of. */
const trialsOfAFault = 3;

/**
 * What a client sees that writes ten times a second through the balancer, while something fails; the worst of three trials.
 * The faults are those of the stacked cluster; those of external etcd and the virtual IP are e2e stories.
 */
export async function gaps(report: Progress, shared: Shared): Promise<PartResult> {
  if (shared.bringUp === undefined) await ensureCluster();
  const measurements: Measurement[] = [];
  for (const fault of stackedFaults(bench)) {
    const trials = await report.step(
      fault.name,
      () => tryFault(bench, fault, () => whole(), { trials: trialsOfAFault }),
      (done) => `${worst(done).toFixed(1)} s`,
    );
    measurements.push(...measured(fault.name, trials));
  }
  return { measurements };
}

const worst = (trials: readonly Trial[]): number => Math.max(...trials.map(({ gap }) => gap));

function measured(what: string, trials: readonly Trial[]): Measurement[] {
  const sum = (count: (trial: Trial) => number): number =>
    trials.reduce((all, trial) => all + count(trial), 0);
  const lost = sum(({ report }) => report.lost.length);
  const acknowledged = sum(({ report }) => report.acknowledged);
  // A client whose writes never succeed loses none either.
  if (acknowledged === 0) throw new Error(`${what}: no write was acknowledged`);
  const each = trials.map(({ gap }) => gap.toFixed(1)).join(", ");
  if (lost > 0) throw new Error(`${what}: ${lost} acknowledged writes were lost`);
  const from = `worst of ${each}; ${acknowledged} of ${sum((t) => t.report.attempted)} writes acknowledged, ${lost} of them lost`;
  const returns = trials.flatMap(({ gapAtReturn }) => gapAtReturn ?? []);
  return [
    { what, value: worst(trials), unit: "s", from, goal },
    ...(returns.length === 0
      ? []
      : [
          {
            what: `${what}: its return`,
            value: Math.max(...returns),
            unit: "s",
            from: `worst of ${returns.map((gap) => gap.toFixed(1)).join(", ")}`,
            goal,
          },
        ]),
  ];
}
