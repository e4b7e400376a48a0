import { stepTimes } from "../support/cluster/journal";
import { nodes } from "../support/cluster/nodes";
import { stackedMembers } from "../support/cluster/stackedEtcd";
import { powerOff } from "../support/faults/machines";
import { toldOf } from "../support/messages/told";
import { strikeDuringUp, type Moment } from "../support/faults/struckRun";
import type { Edit } from "../support/suite/stackFile";
import { stackedCluster } from "../support/suite/stackedCluster";
import { suite } from "../support/suite/suites";
import { upWhileWriting } from "../support/writes/upWhileWriting";

const stacked = suite("stacked");
const { whole } = stackedCluster(stacked);

const others = ["cp1", "cp2", "cp3", "w1", "w2"];
const added = ["cp4", "cp5"];

const withFive: Edit = (stack) => {
  const entries = added.map((name, i) => stacked.hostEntry(name, 14 + i));
  stack.config["kubeadm-ha:controlPlanes"].push(...entries);
};

beforeAll(async () => {
  await stacked.ensureCluster();
  await whole();
});

describe("control planes with stacked etcd, by editing the stack file while a client writes", () => {
  it("three become five: both new ones join at once, and the others stay as they are", async () => {
    const before = await nodes(stacked);
    stacked.writeStackFile(withFive);
    await stacked.addHosts();
    const since = Date.now();
    const run = await upWhileWriting(stacked, "3 to 5 stacked control planes");
    expect(run.changed).toEqual(
      expect.arrayContaining(added.flatMap((name) => [`created ${name}-join`])),
    );
    const ofOthers = / (cp[123]|w\d)-(join|prepare|trust)$/;
    expect(run.changed.filter((line) => ofOthers.test(line))).toEqual([]);
    const [fourth, fifth] = await Promise.all(
      added.map((name) => stepTimes(stacked, name, "join", since)),
    );
    expect(fourth?.begin).toBeLessThan(fifth?.end ?? 0);
    expect(fifth?.begin).toBeLessThan(fourth?.end ?? 0);
    expect(await stacked.stackOutput("health")).toMatchObject({ nodes: 7, etcdMembers: 5 });
    await whole();
    const after = await nodes(stacked);
    expect([...after.keys()].sort()).toEqual([...others, ...added].sort());
    for (const [name, { uid }] of before) expect(after.get(name)?.uid).toBe(uid);
  });

  it("five become three", async () => {
    stacked.writeStackFile();
    const run = await upWhileWriting(stacked, "5 to 3 stacked control planes");
    expect(run.changed).toEqual(
      expect.arrayContaining(added.map((name) => `deleted ${name}-teardown`)),
    );
    expect(await stacked.stackOutput("health")).toMatchObject({ nodes: 5, etcdMembers: 3 });
    expect([...(await nodes(stacked)).keys()].sort()).toEqual(others);
    await stacked.removeSurplus();
    await whole();
  });
});

describe("a new control plane that goes for ever while it is a learner", () => {
  const isLearner: Moment = async () => {
    const peer = `https://${stacked.addressOf("cp4")}:2380`;
    const found = (await stackedMembers(stacked, "cp1")).find(({ peerUrl }) => peerUrl === peer);
    if (found?.learner !== true) throw new Error("cp4 is no learner yet");
  };

  it("ends the run in bounded time, with its name", async () => {
    stacked.writeStackFile(withFive);
    await stacked.addHosts();
    const run = await strikeDuringUp(stacked, isLearner, () => powerOff(stacked, "cp4"));
    console.log(`a learner goes: the run ended after ${run.secondsAfter.toFixed(1)} s`);
    expect(run.code).not.toBe(0);
    expect(run.secondsAfter).toBeLessThan(300);
    const { step, remedy } = toldOf(run.output, "cp4");
    expect(step).toBe("join");
    expect(remedy).toMatch(/run `pulumi up` again/);
    const left = (await stackedMembers(stacked, "cp1")).filter(({ learner }) => learner);
    expect(left).toHaveLength(1);
  });

  it("leaves etcd with the up that is told that it is gone", async () => {
    stacked.writeStackFile((stack) => {
      const gone = { ...stacked.hostEntry("cp4", 14), gone: true };
      stack.config["kubeadm-ha:controlPlanes"].push(gone);
    });
    await stacked.pulumiUp();
    const found = await stackedMembers(stacked, "cp1");
    expect(found.map(({ name, learner }) => [name, learner])).toEqual(
      ["cp1", "cp2", "cp3"].map((name) => [name, false]),
    );
    stacked.writeStackFile();
    await stacked.pulumiUp();
    await stacked.removeSurplus();
    await whole();
  });
});
