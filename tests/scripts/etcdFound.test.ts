import { addressOf, memberParameters } from "../support/etcdHost";
import { FakeEtcd } from "../support/fakeEtcd";
import { Sandbox, type Outcome } from "../support/sandbox";

let machine: Sandbox;
let etcd: FakeEtcd;
beforeEach(() => {
  machine = new Sandbox();
  etcd = new FakeEtcd(machine);
});
afterEach(() => machine.remove());

const parameters = memberParameters("etcd1", ["etcd1", "etcd2", "etcd3"]);
const found = (more = {}): Outcome => machine.step("found-etcd", { ...parameters, ...more });
const succeeded = { code: 0, stdout: "", stderr: "" };
const founding = "/var/lib/kubeadm-ha/etcd-founding";

describe("founding", () => {
  it("starts one member alone, and keeps whose cluster it is in etcd itself", () => {
    expect(found()).toEqual(succeeded);
    expect(etcd.members()).toEqual([
      {
        id: "founder-kubeadm-ha-c1",
        status: "started",
        name: "etcd1",
        peerUrl: "https://192.168.1.31:2380",
        learner: false,
      },
    ]);
    expect(etcd.record("cluster")).toBe("c1");
    expect(etcd.record("members")).toBe("");
    expect(machine.read("/var/lib/kubeadm-ha/etcd-member")).toBe("c1 founder-kubeadm-ha-c1\n");
  });

  it("leaves no word by which a later start could found again", () => {
    found();
    expect(machine.has("/run/kubeadm-ha/etcd-start.env")).toBe(false);
    expect(machine.read("/etc/etcd/etcd.env")).toBe(parameters.ETCD_ENVIRONMENT);
    expect(parameters.ETCD_ENVIRONMENT).toContain("ETCD_INITIAL_CLUSTER_STATE=existing");
  });

  it("writes unit, programs and certificates, and enables the unit last", () => {
    found();
    expect(machine.read("/etc/systemd/system/etcd.service")).toBe(parameters.ETCD_UNIT);
    expect(machine.read("/etc/etcd/pki/server.key")).toBe("our server.key\n");
    expect(machine.mode("/etc/etcd/pki/server.key")).toBe("600");
    expect(machine.mode("/etc/etcd/pki/health.key")).toBe("600");
    expect(machine.mode("/var/lib/etcd")).toBe("700");
    expect(etcd.service()).toEqual(["daemon-reload", "start --no-block etcd", "enable etcd"]);
  });

  it("is done once: a second run does nothing", () => {
    found();
    machine.forget();
    expect(found()).toEqual(succeeded);
    expect([etcd.changes(), etcd.service()]).toEqual([[], []]);
  });

  it("is told when etcd does not start, and begins again the next time", () => {
    machine.write("/etcd/broken", "");
    const { code, stderr } = found();
    expect(code).toBe(1);
    expect(stderr).toContain("etcd1: found-etcd: etcd does not start:");
    // The mark by which the next run knows that what it finds is its own.
    expect(machine.read(founding)).toBe("c1\n");
    machine.run(["rm", "/etcd/broken"], "");
    expect(found()).toEqual(succeeded);
    expect(etcd.record("cluster")).toBe("c1");
  });
});

describe("a founding that was cut off", () => {
  it("before its record begins again", () => {
    found();
    machine.run(["rm", "-r", "/etcd/keys", "/var/lib/kubeadm-ha/etcd-founded"], "");
    machine.write(founding, "c1\n");
    expect(found()).toEqual(succeeded);
    expect(etcd.notes()).toContain("found half-made: beginning again");
    expect(etcd.record("cluster")).toBe("c1");
    expect(machine.has(founding)).toBe(false);
  });

  it("after its record goes on from there", () => {
    found();
    machine.run(["rm", "/var/lib/kubeadm-ha/etcd-founded", "/var/lib/kubeadm-ha/etcd-member"], "");
    machine.write(founding, "c1\n");
    machine.forget();
    expect(found()).toEqual(succeeded);
    expect(etcd.service()).toEqual(["enable etcd"]);
    expect(machine.read("/var/lib/kubeadm-ha/etcd-member")).toBe("c1 founder-kubeadm-ha-c1\n");
  });

  it("and left nothing but its mark begins again, whatever was half there", () => {
    machine.write(founding, "c1\n");
    machine.write("/var/lib/etcd/member/wal/0.wal", "half");
    expect(found()).toEqual(succeeded);
    expect(etcd.voters()).toEqual(["etcd1"]);
  });
});

describe("a second cluster", () => {
  it("is not founded where another member of this stack answers", () => {
    etcd.add("etcd2", addressOf("etcd2"));
    expect(found()).toEqual(succeeded);
    expect(etcd.notes()).toContain("already founded: another member answers");
    expect(etcd.service()).toEqual([]);
    expect(machine.has("/var/lib/etcd/member")).toBe(false);
  });

  it("is not founded where another member answers without a majority", () => {
    etcd.add("etcd2", addressOf("etcd2"));
    etcd.add("etcd3", addressOf("etcd3"), { running: false });
    expect(found()).toEqual(succeeded);
    expect(etcd.voters()).toEqual(["etcd2", "etcd3"]);
  });

  it("is not founded by a half-made host once another member answers", () => {
    machine.write(founding, "c1\n");
    etcd.add("etcd3", addressOf("etcd3"));
    expect(found()).toEqual(succeeded);
    expect(etcd.service()).toEqual([]);
  });

  it("is not founded where something unknown listens on a member's port", () => {
    machine.write("/etcd/listens/192.168.1.33:2380", "");
    const { code, stderr } = found();
    expect(code).toBe(1);
    expect(stderr).toContain(
      "etcd1: found-etcd: something that is not this stack's etcd answers on etcd3 (192.168.1.33); nothing was changed\n",
    );
    expect(etcd.service()).toEqual([]);
  });

  it.each([2379, 2380])("is not founded where something listens on port %i here", (port) => {
    machine.write(`/etcd/listens/192.168.1.31:${port}`, "");
    const { code, stderr } = found();
    expect(code).toBe(1);
    expect(stderr).toContain(`something listens on port ${port} already; nothing was changed`);
  });

  it("is not founded over data of unknown origin", () => {
    machine.write("/var/lib/etcd/member/wal/0.wal", "somebody's");
    const { code, stderr } = found();
    expect(code).toBe(1);
    expect(stderr).toContain("there are etcd's data in /var/lib/etcd that this stack did not make");
    expect(machine.read("/var/lib/etcd/member/wal/0.wal")).toBe("somebody's");
  });

  it("is not founded on a host that is a member, even when all etcd is down", () => {
    etcd.holds("etcd1", "c1");
    expect(found()).toEqual(succeeded);
    expect(etcd.notes()).toContain("already founded: this host is a member");
    expect(etcd.service()).toEqual([]);
  });
});
