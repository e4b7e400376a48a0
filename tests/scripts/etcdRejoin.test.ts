import { chmodSync } from "node:fs";

import { addressOf } from "../support/etcdHost";
import type { FakeEtcd } from "../support/fakeEtcd";
import { joined, JoiningEtcd, names } from "../support/joiningEtcd";
import type { Sandbox } from "../support/sandbox";

let host: JoiningEtcd;
let machine: Sandbox;
let etcd: FakeEtcd;

beforeEach(() => {
  host = new JoiningEtcd();
  ({ machine, etcd } = host);
});
afterEach(() => machine.remove());

describe("what a host was before", () => {
  it("is removed when it was wiped: a voter, while the others are a majority", () => {
    host.running(...names);
    etcd.stop(addressOf("etcd2"));
    expect(host.join("etcd2")).toEqual(joined("new1"));
    expect(etcd.changes()[0]).toBe("member remove id-etcd2");
    expect(etcd.voters()).toEqual(names);
  });

  it("is removed when it was wiped and its etcd made empty folders", () => {
    host.running(...names);
    etcd.stop(addressOf("etcd2"));
    etcd.holds("etcd2", "c1");
    machine.run(["rm", "-r", "/var/lib/etcd/member/wal"], "");
    machine.run(["mkdir", "-p", "/var/lib/etcd/member/wal"], "");
    expect(host.join("etcd2")).toEqual(joined("new1"));
    expect(etcd.voters()).toEqual(names);
  });

  it("stays while the others are no majority without it", () => {
    host.running("etcd1", "etcd2", "etcd3");
    etcd.stop(addressOf("etcd3"));
    // Somebody else's etcd answers at this host's address: it counts for the majority there is.
    host.expectRefused(
      host.join("etcd2"),
      "etcd has 3 voting members and needs 2; without etcd2 only 1 healthy ones would be left\n",
    );
    expect(etcd.voters()).toEqual(names);
  });

  it("an interrupted join's learner is removed, its data emptied, and it joins anew", () => {
    host.running("etcd1");
    etcd.add("etcd2", addressOf("etcd2"), { learner: true });
    etcd.holds("etcd2", "c1");
    expect(host.join("etcd2")).toEqual(joined("new1"));
    expect(etcd.changes()[0]).toBe("member remove id-etcd2");
    expect(machine.read("/var/lib/etcd/member/id")).toBe("new1\n");
  });

  it("an interrupted join's learner that runs is waited for, not made anew", () => {
    host.running("etcd1");
    machine.write("/etcd/behind", "1000\n");
    const { code, stderr } = host.join("etcd2");
    expect(code).toBe(1);
    expect(stderr).toContain("the learner is not promoted: Error: etcdserver: can only promote");
    machine.write("/etcd/behind", "2\n");
    machine.forget();
    expect(host.join("etcd2")).toEqual(joined("new1"));
    expect(etcd.notes().at(-1)).toBe("promoted");
    expect(etcd.changes().filter((change) => !change.includes("promote"))).toEqual([]);
  });

  it("a join that ended before its last lines is complete all the same", () => {
    host.running("etcd1", "etcd2");
    etcd.holds("etcd2", "c1");
    machine.write("/run/kubeadm-ha/etcd-start.env", "ETCD_INITIAL_CLUSTER_STATE=existing\n");
    expect(host.join("etcd2")).toEqual(joined("id-etcd2"));
    expect(etcd.changes()).toEqual([]);
    expect(machine.has("/run/kubeadm-ha/etcd-start.env")).toBe(false);
    expect(machine.has("/etcd/enabled")).toBe(true);
  });

  it("a member that etcd has removed joins anew", () => {
    host.running("etcd1", "etcd3");
    etcd.holds("etcd2", "c1");
    expect(host.join("etcd2")).toEqual(joined("new1"));
    expect(etcd.voters()).toEqual(names);
  });
});

describe("a member", () => {
  beforeEach(() => {
    host.running(...names);
    etcd.holds("etcd2", "c1");
    host.join("etcd2");
    // It was started long before anything that changes now.
    machine.write("/etcd/started", `${Math.floor(Date.now() / 1000) + 5}\n`);
    machine.forget();
  });
  const old = (): void => machine.write("/etcd/started", "1000000000\n");

  it("gets renewed certificates without a restart, and shows them", () => {
    machine.write("/var/lib/kubeadm-ha/pki/etcd/server.crt", "renewed\n");
    expect(host.join("etcd2")).toEqual(joined("id-etcd2"));
    expect(machine.read("/etc/etcd/pki/server.crt")).toBe("renewed\n");
    expect(etcd.service()).toEqual(["enable etcd"]);
  });

  it("of which nothing changes keeps its files, and gets back their owner's rights", () => {
    const pki = ["ca", "server", "peer", "health"].map((name) => `/etc/etcd/pki/${name}.crt`);
    const keys = ["server", "peer", "health"].map((name) => `/etc/etcd/pki/${name}.key`);
    const settings = ["/etc/etcd/etcd.env", "/etc/systemd/system/etcd.service"];
    const files = [...pki, ...keys, ...settings];
    const inodes = (): number[] => files.map((file) => machine.inode(file));
    const before = inodes();
    expect(host.join("etcd2")).toEqual(joined("id-etcd2"));
    expect(inodes()).toEqual(before);
    chmodSync(`${machine.root}/etc/etcd/pki/server.key`, 0o644);
    expect(host.join("etcd2")).toEqual(joined("id-etcd2"));
    expect(machine.mode("/etc/etcd/pki/server.key")).toBe("600");
  });

  it("that goes on showing an old certificate is told", () => {
    machine.write("/etcd/shown", "old\n");
    machine.write("/var/lib/kubeadm-ha/pki/etcd/server.crt", "renewed\n");
    const { code, stderr } = host.join("etcd2");
    expect(code).toBe(1);
    expect(stderr).toContain("etcd2: join-etcd: etcd still shows an old certificate\n");
  });

  it("is restarted for another release, with the others healthy", () => {
    old();
    etcd.release("3.7.4");
    expect(host.join("etcd2", { version: "3.7.4" })).toEqual(joined("id-etcd2"));
    expect(etcd.service()).toEqual(["daemon-reload", "restart --no-block etcd", "enable etcd"]);
    expect(machine.run(["readlink", "/usr/local/bin/etcd"], "").stdout).toBe(
      "/opt/etcd/v3.7.4/etcd\n",
    );
  });

  it("that leads hands the leadership over before it restarts", () => {
    old();
    machine.write("/etcd/leader", "id-etcd2\n");
    expect(host.join("etcd2")).toEqual(joined("id-etcd2"));
    expect(etcd.changes()).toEqual(["move-leader id-etcd1"]);
    expect(etcd.service()).toContain("restart --no-block etcd");
  });

  it("that was to be restarted when a run broke off is restarted by the next", () => {
    old();
    expect(host.join("etcd2")).toEqual(joined("id-etcd2"));
    expect(etcd.service()).toEqual(["restart --no-block etcd", "enable etcd"]);
  });

  it("is not restarted while the others are no majority without it", () => {
    old();
    etcd.stop(addressOf("etcd3"));
    host.expectRefused(
      host.join("etcd2"),
      "etcd2: join-etcd: etcd has 3 voting members and needs 2; without this one only 1 healthy ones are left\n",
    );
    expect(etcd.service()).toEqual([]);
  });
});

it.each([[["etcd1"]], [["etcd1", "etcd2"]]])(
  "a member of %j is restarted although there is no majority without it",
  (members) => {
    host.running(...members);
    etcd.holds("etcd1", "c1");
    machine.write("/etcd/started", "1000000000\n");
    expect(host.join("etcd1")).toEqual(joined("id-etcd1"));
    expect(etcd.service()).toContain("restart --no-block etcd");
  },
);
