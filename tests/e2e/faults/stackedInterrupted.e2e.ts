import { nodes } from "../support/cluster/nodes";
import { stackedMembers } from "../support/cluster/stackedEtcd";
import { killDuringUp } from "../support/faults/interruption";
import { expectCtrlCTaken, moments, type Moment } from "../support/faults/moments";
import { controlPlanes, stackedCluster } from "../support/suite/stackedCluster";
import { suite } from "../support/suite/suites";

const faults = suite("faults");
const { whole } = stackedCluster(faults);
const all = moments(faults.lab.stack);

/** While control planes join, etcd's members are made by kubeadm: learners first, which are promoted. */
const killed: readonly Moment[] = [
  all.packages("cp1"),
  all.init,
  all.admit,
  all.controlPlaneJoins,
  all.labels,
  all.verification,
];
const interrupted: readonly Moment[] = [all.packages("w1"), all.init, all.controlPlaneJoins];

async function freshHosts(): Promise<void> {
  faults.writeStackFile();
  await faults.freshHosts();
}

async function convergesToOneCluster(): Promise<void> {
  const run = await faults.pulumiUp();
  console.log(`the last up: ${run.seconds.toFixed(1)} s`);
  expect([...(await nodes(faults)).keys()].sort()).toEqual([...controlPlanes, "w1", "w2"]);
  const members = await stackedMembers(faults, "cp1");
  expect(members.map(({ name, learner }) => [name, learner]).sort()).toEqual(
    controlPlanes.map((name) => [name, false]),
  );
  await whole();
  expect((await faults.pulumiUp(["--expect-no-changes"])).changed).toEqual([]);
}

describe("kill -9 of Pulumi, in each of several runs a little later in the bring-up", () => {
  beforeAll(freshHosts);

  it.each(killed)("while $when", (moment) => killDuringUp(faults, moment));

  it("the next up makes one whole cluster of it, with nothing mended by hand", () =>
    convergesToOneCluster());
});

describe("Ctrl-C, in each of several runs a little later in the bring-up", () => {
  beforeAll(freshHosts);

  it.each(interrupted)(
    "while $when: what has begun ends, the run fails, and no lock is left",
    (moment) => expectCtrlCTaken(faults, moment),
  );

  it("the next up makes one whole cluster of it, with nothing mended by hand", () =>
    convergesToOneCluster());
});
