import { stepTimes } from "../support/cluster/journal";
import { nodes } from "../support/cluster/nodes";
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
