import { addressOf, memberParameters } from "../support/etcdHost";
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

describe("a new host", () => {
  it("joins as a learner, is promoted, and prints nothing but its member's id", () => {
    host.running("etcd1");
    expect(host.join("etcd2")).toEqual(joined("new1"));
    expect(etcd.notes()).toEqual(["learner added", "learner started", "promoted"]);
    expect(etcd.voters()).toEqual(["etcd1", "etcd2"]);
    expect(etcd.changes()).toEqual([
      "member add etcd2 --peer-urls=https://192.168.1.32:2380 --learner",
      "member promote new1",
    ]);
    expect(etcd.service()).toEqual(["daemon-reload", "start --no-block etcd", "enable etcd"]);
  });

  it("leaves no word that holds for one start only, and its data are its user's alone", () => {
    host.running("etcd1");
    host.join("etcd2");
    expect(machine.has("/run/kubeadm-ha/etcd-start.env")).toBe(false);
    expect(machine.mode("/var/lib/etcd")).toBe("700");
    expect(machine.read("/var/lib/kubeadm-ha/etcd-member")).toBe("c1 new1\n");
  });

  it("is let alone by a second run", () => {
    host.running("etcd1");
    host.join("etcd2");
    machine.forget();
    expect(host.join("etcd2")).toEqual(joined("new1"));
    expect([etcd.changes(), etcd.service()]).toEqual([[], ["enable etcd"]]);
  });

  it("waits while etcd takes no new member, and while it has not all data", () => {
    host.running("etcd1", "etcd2");
    machine.write("/etcd/busy", "3\n");
    machine.write("/etcd/behind", "4\n");
    expect(host.join("etcd3")).toEqual(joined("new1"));
    expect(etcd.voters()).toEqual(names);
  });

  it("is told when etcd takes none for long, and nothing is started", () => {
    host.running("etcd1", "etcd2");
    machine.write("/etcd/busy", "1000\n");
    const { code, stderr } = host.join("etcd3");
    expect(code).toBe(1);
    expect(stderr).toContain(
      "etcd3: join-etcd: etcd takes no new member: Error: etcdserver: unhealthy cluster\n",
    );
    expect(etcd.service()).not.toContain("start --no-block etcd");
  });

  it("is told when another learner is in the way", () => {
    host.running("etcd1");
    etcd.add("etcd3", addressOf("etcd3"), { learner: true });
    const { code, stderr } = host.join("etcd2");
    expect(code).toBe(1);
    expect(stderr).toContain("too many learner members in cluster\n  what to do: ");
    expect(etcd.members()).toHaveLength(2);
  });

  it("is told when it does not start, and begins again the next time", () => {
    host.running("etcd1");
    machine.write("/etcd/broken", "");
    const { code, stderr } = host.join("etcd2");
    expect(code).toBe(1);
    expect(stderr).toContain("etcd2: join-etcd: the learner does not start:");
    machine.run(["rm", "/etcd/broken"], "");
    expect(host.join("etcd2")).toEqual(joined("new2"));
    expect(etcd.changes()).toContain("member remove new1");
    expect(etcd.voters()).toEqual(["etcd1", "etcd2"]);
  });
});

describe("without other members", () => {
  it("a new host starts nothing", () => {
    host.expectRefused(
      host.join("etcd2"),
      "etcd2: join-etcd: no etcd member answers; nothing was started\n",
    );
    expect(etcd.service()).toEqual([]);
    expect(machine.has("/var/lib/etcd/member")).toBe(false);
  });

  it("that have a majority a new host starts nothing", () => {
    host.running("etcd1", "etcd2", "etcd4");
    etcd.stop(addressOf("etcd2"));
    etcd.stop(addressOf("etcd4"));
    host.expectRefused(
      host.join("etcd3"),
      "etcd has no majority: of the 3 members in the stack file 1 runs (etcd1); nothing was changed\n",
    );
    expect(etcd.service()).toEqual([]);
  });

  it("a member that has its data is started, and waits for the others", () => {
    host.running(...names);
    for (const name of names) etcd.stop(addressOf(name));
    etcd.holds("etcd2", "c1");
    // A run before left its unit and its settings.
    const { ETCD_UNIT: unit, ETCD_ENVIRONMENT: settings } = memberParameters("etcd2", names);
    machine.write("/etc/systemd/system/etcd.service", unit);
    machine.write("/etc/etcd/etcd.env", settings);
    etcd.start(addressOf("etcd1"));
    expect(host.join("etcd2")).toEqual(joined("id-etcd2"));
    expect(etcd.changes()).toEqual([]);
  });

  it("the host of a lost single member does not found a second cluster", () => {
    host.running("etcd1");
    etcd.stop(addressOf("etcd1"));
    host.expectRefused(
      host.join("etcd1", { wanted: ["etcd1"] }),
      "no etcd member answers; nothing was started",
    );
    expect(etcd.service()).toEqual([]);
  });
});

describe("another cluster", () => {
  it("is not joined", () => {
    host.running("etcd1");
    etcd.setRecord("cluster", "c9");
    host.expectRefused(host.join("etcd2"), "the etcd at 192.168.1.31 is another cluster's (id c9)");
  });

  it("is not joined by a host with data of unknown origin", () => {
    host.running("etcd1");
    machine.write("/var/lib/etcd/member/wal/0.wal", "somebody's");
    host.expectRefused(
      host.join("etcd2"),
      "there are etcd's data in /var/lib/etcd that this stack did not make",
    );
    expect(machine.read("/var/lib/etcd/member/wal/0.wal")).toBe("somebody's");
  });
});
