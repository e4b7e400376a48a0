import { etcdServersOf, members } from "../support/cluster/etcd";
import { powerOff } from "../support/faults/machines";
import {
  balancers,
  controlPlanes,
  etcdHosts,
  etcdHostsIn,
  externalCluster,
  nodeNames,
} from "../support/suite/external";
import type { Edit, HostEntry } from "../support/suite/stackFile";
import { suite } from "../support/suite/suites";
import { upWhileWriting } from "../support/writes/upWhileWriting";

const faults = suite("externalFaults");
const { holder, holders, whole } = externalCluster(faults, "198.18.28.9");

/** The one on which steps for all of etcd run. */
const [goneMember = "", ...livingMembers] = etcdHosts;
/** Those that stay, and the one that comes in the place of the one that is gone. */
const membersAfter = [...livingMembers, "etcd4"];

/** The hosts whose machines are gone, until these have been thrown away. */
let gone: readonly string[] = [];
const isLeft = ({ name }: HostEntry): boolean => !gone.includes(name);

/** Both are said to be gone, and another member comes. */
const bothGone: Edit = (stack) => {
  const { hosts = [] } = stack.config["kubeadm-ha:loadBalancer"];
  for (const host of [...hosts, ...etcdHostsIn(stack)]) {
    if (!isLeft(host)) host["gone"] = true;
  }
  etcdHostsIn(stack).push(faults.hostEntry("etcd4", 34));
};

/** The same a day later: their entries are deleted. */
const entriesDeleted: Edit = (stack) => {
  bothGone(stack);
  const { "kubeadm-ha:etcd": etcd, "kubeadm-ha:loadBalancer": balancer } = stack.config;
  etcd.hosts = etcdHostsIn(stack).filter(isLeft);
  balancer.hosts = (balancer.hosts ?? []).filter(isLeft);
};

/** Throws the machines away that are gone, so that nobody switches them on again. */
async function throwAway(): Promise<void> {
  faults.writeStackFile(entriesDeleted);
  await faults.removeSurplus();
  gone = [];
}

/** Expects these members of etcd and no others, healthy, and API servers that ask just them. */
async function expectMembers(names: readonly string[]): Promise<void> {
  const there = await members(faults, names.at(-1) ?? "");
  expect(there.map(({ name }) => name)).toEqual(names);
  for (const member of there) expect(member).toMatchObject({ started: true, learner: false });
  const urls = names.map((name) => `https://${faults.addressOf(name)}:2379`);
  for (const name of controlPlanes) expect(await etcdServersOf(faults, name)).toEqual(urls);
}

beforeAll(async () => {
  await faults.ensureCluster();
  await whole();
});

afterAll(async () => {
  if (gone.length > 0) await throwAway();
  await faults.ensureCluster();
  await whole();
});

describe("a member of etcd and the balancer with the virtual IP, gone for ever without a word", () => {
  let livingBalancers: readonly string[];

  it("leave the cluster in one up, in which another member joins while a client writes", async () => {
    const before = await members(faults, goneMember);
    gone = [goneMember, await holder()];
    livingBalancers = balancers.filter((name) => !gone.includes(name));
    const addresses = gone.map((name) => faults.addressOf(name));
    await Promise.all(gone.map((name) => powerOff(faults, name)));
    faults.writeStackFile(bothGone);
    await faults.addHosts();
    await upWhileWriting(faults, `${gone.join(" and ")} gone, etcd4 in the place of one`);

    expect(await faults.stackOutput("health")).toMatchObject({ nodes: 3, etcdMembers: 3 });
    await expectMembers(membersAfter);
    // Those that were left are the same ones as before.
    const after = await members(faults, "etcd4");
    for (const member of before.filter(({ name }) => name !== goneMember)) {
      expect(after).toContainEqual(member);
    }
    expect(await holders(livingBalancers)).toEqual(livingBalancers);
    // Nobody asks after them any more: not the balancer, and not a control plane that joins.
    const peers = await Promise.all(
      livingBalancers.map((name) => faults.outputOf(name, "cat /etc/keepalived/keepalived.conf")),
    );
    const record = await faults.kubectl("-n kube-system get configmap kubeadm-config -o yaml");
    for (const address of addresses) {
      expect(peers.join("\n")).not.toContain(address);
      expect(record).not.toContain(`https://${address}:`);
    }
    await whole({ balancers: livingBalancers, etcdHosts: membersAfter });
    expect((await faults.pulumiUp(["--expect-no-changes"])).changed).toEqual([]);
  });

  it("are forgotten when their entries are deleted: no host is contacted", async () => {
    const others = [...livingBalancers, ...membersAfter, ...nodeNames];
    const logins = await faults.sshLoginsOf(others);
    faults.writeStackFile(entriesDeleted);
    const run = await faults.pulumiUp();
    expect([...run.changed].sort()).toEqual(gone.map((name) => `deleted ${name}-teardown`).sort());
    expect(await faults.sshLoginsOf(others)).toEqual(logins);
    await throwAway();
    await whole({ balancers: livingBalancers, etcdHosts: membersAfter });
  });

  it("come again as new machines under their old names, in whose favour the other member leaves", async () => {
    faults.writeStackFile();
    await faults.addHosts();
    await upWhileWriting(faults, "both made anew, etcd4 removed");
    await expectMembers(etcdHosts);
    await faults.removeSurplus();
    await whole();
    expect((await faults.pulumiUp(["--expect-no-changes"])).changed).toEqual([]);
  });
});
