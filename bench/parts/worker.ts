import type { Progress } from "../../lab/output";
import { prepareHosts } from "../../lab/up";
import type { PartResult } from "../report";
import { bench, bringUp, whole } from "../suite";
import type { Shared } from "./shared";

/** One worker more, against the bring-up of the same run. */
export async function worker(report: Progress, shared: Shared): Promise<PartResult> {
  const all = shared.bringUp ?? (await report.step("bring-up", bringUp, () => "done")).seconds;
  bench.writeStackFile((stack) => {
    stack.config["kubeadm-ha:workers"].push(bench.hostEntry("w3", 23));
  });
  await prepareHosts(bench.lab, {}, report);
  const run = await report.step(
    "a worker is added",
    () => bench.pulumiUp(),
    () => "done",
  );
  await whole();
  bench.writeStackFile();
  await report.step(
    "it is removed again",
    () => bench.pulumiUp(),
    () => "done",
  );
  await bench.removeSurplus();
  return {
    measurements: [
      { what: "bring-up of the same run", value: all, unit: "s" },
      { what: "a worker added", value: run.seconds, unit: "s" },
      {
        what: "a worker added, of bring-up",
        value: run.seconds / all,
        unit: "×",
        goal: { most: 0.33 },
      },
    ],
  };
}
