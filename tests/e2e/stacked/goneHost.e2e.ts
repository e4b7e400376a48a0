import { powerOff } from "../support/faults/machines";
import { nodes } from "../support/cluster/nodes";
import type { Edit, StackFile } from "../support/suite/stackFile";
import { suite } from "../support/suite/suites";

const stacked = suite("stacked");

beforeAll(() => stacked.ensureCluster());

const controlPlanes = (stack: StackFile) => stack.config["kubeadm-ha:controlPlanes"];

/** The founder is gone, and another control plane comes in its place. */
const founderGone: Edit = (stack) => {
  Object.assign(controlPlanes(stack)[0] ?? {}, { gone: true });
  controlPlanes(stack).push(stacked.hostEntry("cp4", 14));
};

/** The same a day later: its entry is deleted. */
const entryDeleted: Edit = (stack) => {
  founderGone(stack);
  controlPlanes(stack).shift();
};

describe("the founder, gone for ever without a word", () => {
  it("leaves the cluster in one up, which another control plane joins under a name of its own", async () => {
    const before = await nodes(stacked, "cp2");
    await powerOff(stacked, "cp1");
    stacked.writeStackFile(founderGone);
    await stacked.addHosts();
    const run = await stacked.pulumiUp();
    console.log(`the founder gone, cp4 in its place: ${run.seconds.toFixed(1)} s`);
    expect(await stacked.stackOutput("health")).toMatchObject({ nodes: 5, etcdMembers: 3 });
    const after = await nodes(stacked, "cp2");
    expect([...after.keys()].sort()).toEqual(["cp2", "cp3", "cp4", "w1", "w2"]);
    for (const { name, uid, ready } of after.values()) {
      expect([name, ready]).toEqual([name, true]);
      if (before.has(name)) expect(uid).toBe(before.get(name)?.uid);
    }
  });

  it("is forgotten when its entry is deleted: no host is contacted", async () => {
    const others = ["lb", "cp2", "cp3", "cp4", "w1", "w2"];
    const logins = await stacked.sshLoginsOf(others);
    stacked.writeStackFile(entryDeleted);
    const run = await stacked.pulumiUp();
    expect(run.changed).toEqual(["deleted cp1-teardown"]);
    expect(await stacked.sshLoginsOf(others)).toEqual(logins);
    await stacked.removeSurplus();
  });
});
