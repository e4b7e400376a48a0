import { clusterIds, members } from "../support/cluster/etcd";
import { eventually } from "../support/eventually";
import { etcdHosts, externalCluster, nodeNames } from "../support/suite/external";
import { killDuringUp } from "../support/faults/interruption";
import { expectCtrlCTaken, moments, type Moment } from "../support/faults/moments";
import { nodes } from "../support/cluster/nodes";
import type { PulumiRun } from "../support/suite/pulumiRun";
import { suite } from "../support/suite/suites";

const faults = suite("externalFaults");
const cluster = faults.lab.stack;
const { whole } = externalCluster(faults, "198.18.28.9");

const { packages, init, admit, controlPlaneJoins, labels, verification } = moments(cluster);
const learnerAdded: Moment = {
  when: "etcd2 is a learner and not yet a member",
  on: "etcd2",
  line: "join-etcd: learner added",
  before: "join-etcd: promoted",
  resource: "etcd2-join",
};
const learnerStarted: Moment = {
  when: "etcd3's learner has just started",
  on: "etcd3",
  line: "join-etcd: learner started",
  resource: "etcd3-join",
};
/**
 * Each is in a step that cannot have begun in the run before: what a killed Pulumi leaves at work on hosts goes on to its own
 * end, so a line that an earlier run was near to is never said again.
 */
const killed: readonly Moment[] = [
  packages("cp1"),
  {
    when: "etcd is founded",
    on: "etcd1",
    line: "found-etcd: founding",
    before: "found-etcd: founded",
    resource: "etcd-found",
  },
  learnerAdded,
  learnerStarted,
  init,
  admit,
  controlPlaneJoins,
  labels,
  {
    when: "etcd's members are compared with the stack file (roster-etcd)",
    on: "etcd1",
    line: "roster-etcd: begin",
    resource: "etcd-roster",
    waitsFor: "etcd3",
  },
  verification,
];

/** The same: after Ctrl-C all steps that have begun end, and are not run again. */
const interrupted: readonly Moment[] = [
  packages("w1"),
  {
    when: "lb1 gets its configuration",
    on: "lb1",
    line: "configure-balancer: begin",
    resource: "lb1-configure",
  },
  {
    when: "etcd's members are admitted",
    on: "etcd1",
    line: "admit-etcd: begin",
    resource: "etcd-admit",
  },
  learnerAdded,
  learnerStarted,
  {
    when: "kubeadm init has ended, and the founding has not (found)",
    on: "cp1",
    line: "found: kubeadm init has ended",
    before: "found: end",
    resource: `${cluster}-found`,
  },
  admit,
  controlPlaneJoins,
  labels,
  verification,
];

describe("kill -9 of Pulumi, in each of ten runs a little later in the bring-up", () => {
  let begin: number;

  beforeAll(async () => {
    faults.writeStackFile();
    await faults.freshHosts();
    begin = Date.now();
  });

  it.each(killed)("while $when", (moment) => killDuringUp(faults, moment));

  it("the next up makes one whole cluster of it, with nothing mended by hand", async () => {
    const { output } = await convergesToOneCluster();
    // Pulumi's own word for what the killed run had begun.
    expect(output).toMatch(/pending operations/);
    console.log(`ten times kill -9, then whole: ${secondsSince(begin)} s in all`);
  });
});

describe("Ctrl-C, in each of ten runs a little later in the bring-up", () => {
  let begin: number;

  beforeAll(async () => {
    faults.writeStackFile();
    await faults.freshHosts();
    begin = Date.now();
  });

  it.each(interrupted)(
    "while $when: what has begun ends, the run fails, and no lock is left",
    (moment) => expectCtrlCTaken(faults, moment),
  );

  it("the next up makes one whole cluster of it, with nothing mended by hand", async () => {
    await convergesToOneCluster();
    console.log(`ten times Ctrl-C, then whole: ${secondsSince(begin)} s in all`);
  });
});

/** @returns the run that did it. */
async function convergesToOneCluster(): Promise<PulumiRun> {
  const run = await faults.pulumiUp();
  console.log(`the last up: ${run.seconds.toFixed(1)} s`);
  const found = await nodes(faults);
  expect([...found.keys()].sort()).toEqual(nodeNames);
  for (const { name, ready } of found.values()) expect([name, ready]).toEqual([name, true]);
  const voters = await members(faults, "etcd1");
  expect(voters.map(({ name }) => name)).toEqual(etcdHosts);
  for (const voter of voters) expect(voter).toMatchObject({ started: true, learner: false });
  expect(await clusterIds(faults, "etcd1")).toHaveLength(1);
  expect(await faults.stackOutput("health")).toMatchObject({
    nodes: nodeNames.length,
    etcdMembers: etcdHosts.length,
    podNetwork: true,
  });
  await whole();
  // The pods of verifications that nobody waited for are gone too.
  await eventually(30, async () => {
    const daemons = await faults.kubectl("-n kube-system get daemonsets -o name");
    expect(daemons.split("\n")).toEqual(["daemonset.apps/kube-proxy"]);
  });
  expect((await faults.pulumiUp(["--expect-no-changes"])).changed).toEqual([]);
  return run;
}

function secondsSince(begin: number): string {
  return ((Date.now() - begin) / 1000).toFixed(0);
}
