import { prepareHosts } from "../lab/up";
import { lines } from "../lab/output";
import { stateResources } from "../lab/state";
import type { PulumiRun } from "../tests/e2e/support/suite/pulumiRun";
import { stackedCluster } from "../tests/e2e/support/suite/stackedCluster";
import { Suite } from "../tests/e2e/support/suite/suite";

/** The first three parts of the addresses of the benchmark's hosts, and the first two digits of their SSH ports. */
export const place = { network: "198.18.24", ports: "27" } as const;

/** The benchmark's own stack: the lab's (three stacked control planes, two workers, HAProxy) on hosts of its own. */
export const bench = new Suite({
  stack: "bench",
  from: "dev",
  network: ["198.18.0", place.network],
  ports: ["22", place.ports],
});

/** Waits until all of the benchmark's cluster is as it should be. */
export const { whole } = stackedCluster(bench);

/** Machines that nobody has used before. Other stacks' hosts stay: the report says that they were there. */
export async function freshHosts(): Promise<void> {
  await bench.removeHosts();
  bench.writeStackFile();
  await prepareHosts(bench.lab, {}, lines());
}

/** The cluster as the stack file has it: mended where it is there, made where it is not. */
export async function ensureCluster(): Promise<void> {
  // What was made by hand there is not for mending.
  if (stateResources(bench.lab) === 0) await bench.removeHosts();
  bench.writeStackFile();
  await prepareHosts(bench.lab, {}, lines());
  await bench.pulumiUp();
  await bench.removeSurplus();
  await whole();
}

/** `pulumi up` on fresh hosts, without the time that making the hosts takes. */
export async function bringUp(): Promise<PulumiRun> {
  await freshHosts();
  const run = await bench.pulumiUp();
  await whole();
  return run;
}
