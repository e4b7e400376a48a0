import { clusterIds, etcdServersOf, members } from "../support/cluster/etcd";
import {
  controlPlanes,
  etcdHosts,
  etcdHostsIn,
  external,
  whole,
  withFiveMembers,
} from "../support/suite/external";
import { stepTimes } from "../support/cluster/journal";
import { killDuringUp } from "../support/faults/interruption";
import { wipe } from "../support/faults/machines";
import { expectClean } from "../support/hosts/leftovers";
import { upWhileWriting } from "../support/writes/upWhileWriting";

const five = [...etcdHosts, "etcd4", "etcd5"];
const urlOf = (name: string): string => `https://${external.addressOf(name)}:2379`;
const names = async (): Promise<string[]> =>
  (await members(external, "etcd1")).map(({ name }) => name);

beforeAll(async () => {
  await external.ensureCluster();
  await whole();
});

/** The API servers changed their lists one after the other: the second began when the first had ended. */
async function oneAfterTheOther(since: number): Promise<void> {
  const times = await Promise.all(
    controlPlanes.map((name) => stepTimes(external, name, "version", since)),
  );
  const [first, second] = times.sort((a, b) => a.begin - b.begin);
  expect(first?.end).toBeLessThanOrEqual(second?.begin ?? 0);
}

describe("etcd's members, by editing the stack file while a client writes", () => {
  it("three become five, and the API servers follow one after the other", async () => {
    const before = await members(external, "etcd1");
    external.writeStackFile(withFiveMembers);
    await external.addHosts();
    const begin = Date.now();
    const run = await upWhileWriting(external, "etcd: 3 to 5 members");
    const after = await members(external, "etcd1");
    expect(after.map(({ name }) => name)).toEqual(five);
    for (const member of after) expect(member).toMatchObject({ started: true, learner: false });
    // The members that were there are the same ones as before.
    for (const member of before) expect(after).toContainEqual(member);
    for (const name of controlPlanes) {
      expect(await etcdServersOf(external, name)).toEqual(five.map(urlOf));
    }
    await oneAfterTheOther(begin);
    expect(run.changed.filter((line) => / (w1|cp1|cp2)-(join|prepare|trust)$/.test(line))).toEqual(
      [],
    );
    await whole({ balancers: ["lb1", "lb2"], etcdHosts: five });
  });

  it("five become three", async () => {
    external.writeStackFile();
    const begin = Date.now();
    await upWhileWriting(external, "etcd: 5 to 3 members");
    expect(await names()).toEqual(etcdHosts);
    for (const name of controlPlanes) {
      expect(await etcdServersOf(external, name)).toEqual(etcdHosts.map(urlOf));
    }
    await oneAfterTheOther(begin);
    for (const host of ["etcd4", "etcd5"]) {
      expect(
        await external.outputOf(host, "find /var/lib/etcd -mindepth 1; ps -o pid= -C etcd || true"),
      ).toBe("");
    }
    await external.removeSurplus();
    await whole();
  });
});

describe("members that joined in a run which did not end", () => {
  it("leave etcd when the stack file no longer has them, and their hosts are clean", async () => {
    const added = ["etcd4", "etcd5"];
    external.writeStackFile(withFiveMembers);
    await external.addHosts();
    await killDuringUp(external, { on: "cp1", line: "version: begin", resource: "cp1-version" });
    expect(await names()).toEqual(five);
    external.writeStackFile();
    const run = await external.pulumiUp();
    expect(run.changed).toEqual(
      expect.arrayContaining(added.map((name) => `deleted ${name}-teardown`)),
    );
    expect(await names()).toEqual(etcdHosts);
    for (const name of controlPlanes) {
      expect(await etcdServersOf(external, name)).toEqual(etcdHosts.map(urlOf));
    }
    await expectClean(external, added);
    await external.removeSurplus();
    await whole();
  });
});

describe("a removal that would cost etcd its majority", () => {
  it("is refused with the numbers, and nothing changes", async () => {
    const before = await members(external, "etcd1");
    external.writeStackFile((stack) => {
      const etcd = stack.config["kubeadm-ha:etcd"];
      etcd.hosts = etcdHostsIn(stack).slice(0, 1);
      etcd["allowSingle"] = true;
    });
    const output = await external.failingUp();
    external.writeStackFile();
    expect(output).toContain("etcd has 3 voting members and needs 2");
    expect(output).toMatch(/without (etcd2,etcd3|etcd3,etcd2) only 1 healthy/);
    expect(await members(external, "etcd1")).toEqual(before);
    for (const name of controlPlanes) {
      expect(await etcdServersOf(external, name)).toEqual(etcdHosts.map(urlOf));
    }
    await external.pulumiUp();
    await whole();
  });
});

describe("an etcd host's machine made anew under its old name", () => {
  it.each(["etcd2", "etcd1"])("%s joins again, and the others stay as they are", async (name) => {
    const other = "etcd3";
    const before = await members(external, other);
    const [cluster] = await clusterIds(external, other);
    await wipe(external, name);
    const run = await upWhileWriting(external, `${name} made anew`);
    const after = await members(external, other);
    expect(after.map((member) => member.name)).toEqual(etcdHosts);
    for (const member of after) {
      expect(member).toMatchObject({ started: true, learner: false });
      const same = before.find(({ id }) => id === member.id) !== undefined;
      expect(same).toBe(member.name !== name);
    }
    expect(await clusterIds(external, other)).toEqual([cluster]);
    expect(run.changed.filter((line) => / (w1|cp1|cp2)-(join|prepare|trust)$/.test(line))).toEqual(
      [],
    );
    await whole();
  });
});
