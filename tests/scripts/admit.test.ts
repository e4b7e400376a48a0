import { FakeCluster } from "../support/fakeCluster";
import { leaving } from "../support/leaving";
import { Sandbox, type Outcome } from "../support/sandbox";

let machine: Sandbox;
let cluster: FakeCluster;
const cp = (i: number, identity = "key/1"): string =>
  `cp${i} control-plane 192.168.1.2${i} ${identity}\n`;
const w = (i: number, identity = "key/1"): string => `w${i} worker 192.168.1.10${i} ${identity}\n`;
const settings =
  'name=prod\nendpoint=127.0.0.1:6443\nkubernetes.cluster={"a":"b|c=d"}\nnetwork.podSubnet=10.244.0.0/16\n';

beforeEach(() => {
  machine = new Sandbox();
  cluster = new FakeCluster(machine);
  cluster.setRecord("clusterId", "c1");
  cluster.setRecord("settings", settings);
  cluster.setRecord("members", all.trimEnd());
  for (const i of [1, 2, 3]) {
    cluster.addNode(`cp${i}`);
    cluster.addMember(`cp${i}`, `192.168.1.2${i}`);
  }
  cluster.addNode("w1");
});
afterEach(() => machine.remove());

const admit = (members: string, more = {}): Outcome =>
  machine.step("admit", {
    HOST_NAME: "cp1",
    CLUSTER_ID: "c1",
    SETTINGS: settings,
    MEMBERS: members,
    ETCD_TOPOLOGY: "stacked",
    ...more,
  });
const all = cp(1) + cp(2) + cp(3) + w(1);
const succeeded = { code: 0, stdout: "", stderr: "" };
const changes = (): string[] =>
  machine.calls("kubectl").filter((call) => /member remove|delete|patch|drain|apply/.test(call));

describe("members", () => {
  it("that are all recorded already change nothing", () => {
    expect(admit(all)).toEqual(succeeded);
    expect(changes()).toEqual([]);
  });

  it("are recorded before they join", () => {
    cluster.setRecord("members", "");
    expect(admit(all)).toEqual(succeeded);
    expect(cluster.record("members")).toBe(all.trimEnd());
  });

  it("that are new are added to the record", () => {
    expect(admit(all + w(2))).toEqual(succeeded);
    expect(cluster.record("members")).toBe((all + w(2)).trimEnd());
    expect(cluster.nodes()).toEqual(["cp1", "cp2", "cp3", "w1"]);
  });

  it("that leave stay in the record until the roster has removed them", () => {
    expect(admit(cp(1) + cp(2) + cp(3))).toEqual(leaving("w1"));
    expect(cluster.record("members")).toBe(all.trimEnd());
    expect(cluster.nodes()).toContain("w1");
  });
});

describe("settings", () => {
  it("that changed are refused, each by its name, and nothing is touched", () => {
    const changed =
      settings.replace("10.244", "10.245").replace("6443", "8443") + "etcd.topology=external\n";
    const { code, stderr } = admit(all + w(2), { SETTINGS: changed });
    expect(code).toBe(1);
    expect(stderr.split("\n")).toEqual([
      "cp1: admit: these settings cannot change in a running cluster: ",
      "    endpoint is 127.0.0.1:6443 in the cluster, 127.0.0.1:8443 in the stack file",
      "    network.podSubnet is 10.244.0.0/16 in the cluster, 10.245.0.0/16 in the stack file",
      "    etcd.topology is unset in the cluster, external in the stack file",
      expect.stringMatching(/^ {2}what to do: set them back/),
      "",
    ]);
    expect(changes()).toEqual([]);
  });

  it("that are the same pass, whatever characters are in them", () => {
    expect(admit(all).code).toBe(0);
  });
});

describe("another cluster", () => {
  it("is not admitted to", () => {
    const { code, stderr } = admit(all, { CLUSTER_ID: "c2" });
    expect([code, stderr]).toEqual([
      1,
      "cp1: admit: the cluster at the endpoint is another one (id c1)\n" +
        "  what to do: see that the endpoint leads to this stack's load balancer; no node was changed\n",
    ]);
    expect(changes()).toEqual([]);
  });

  it("or none is told as such", () => {
    cluster.isDown("The connection to the server was refused");
    const { code, stderr } = admit(all);
    expect(code).toBe(1);
    expect(stderr).toContain(
      "cp1: admit: the Kubernetes API does not answer through the load balancer\n",
    );
  });
});

describe("a control plane that leaves", () => {
  const without3 = cp(1) + cp(2) + w(1);

  it("keeps its etcd member until the roster, as long as that serves", () => {
    expect(admit(without3)).toEqual(leaving("cp3"));
    expect(cluster.members()).toEqual(["cp1", "cp2", "cp3"]);
    expect(cluster.nodes()).toEqual(["cp1", "cp2", "cp3", "w1"]);
  });

  it("loses it before the joins when it is down: etcd takes no new member beside it", () => {
    machine.write("/cluster/sick", "cp3\n");
    expect(admit(without3)).toEqual(leaving("cp3"));
    expect(cluster.members()).toEqual(["cp1", "cp2"]);
    // Its Node is the roster's, which stays in the record for it.
    expect(cluster.nodes()).toEqual(["cp1", "cp2", "cp3", "w1"]);
    expect(cluster.record("members")).toContain(cp(3).trim());
    machine.forget();
    expect(admit(without3)).toEqual(leaving("cp3"));
    expect(changes()).toEqual([]);
  });
});

describe("a control plane that went in the middle of its join, and leaves", () => {
  it("loses its learner before the joins: etcd takes no second one beside it", () => {
    cluster.setRecord("members", (all + cp(4)).trimEnd());
    cluster.addMember("cp4", "192.168.1.24", { learner: true, sick: true });
    expect(cluster.members()).toEqual(["", "cp1", "cp2", "cp3"]);
    expect(admit(all)).toEqual(leaving("cp4"));
    expect(cluster.members()).toEqual(["cp1", "cp2", "cp3"]);
  });
});

describe("an etcd out of space", () => {
  beforeEach(() => machine.write("/cluster/full", ""));

  it("is not taken for a dead one: who leaves and still serves goes with the roster, after the joins", () => {
    const fewer = cp(1) + cp(2) + w(1);
    expect(admit(fewer)).toMatchObject({ code: 0 });
    expect(cluster.members()).toEqual(["cp1", "cp2", "cp3"]);
  });
});

describe("a machine made anew", () => {
  const renewed = cp(1) + cp(2) + cp(3, "new/1") + w(1);

  it("loses its old etcd member and its old Node, and is recorded", () => {
    expect(admit(renewed)).toEqual(succeeded);
    expect(cluster.members()).toEqual(["cp1", "cp2"]);
    expect(cluster.nodes()).toEqual(["cp1", "cp2", "w1"]);
    expect(cluster.record("members")).toBe(renewed.trimEnd());
  });

  it("is not cleared again by the next run, when it has joined", () => {
    admit(renewed);
    cluster.addNode("cp3", { uid: "new" });
    cluster.addMember("cp3", "192.168.1.23");
    machine.forget();
    expect(admit(renewed)).toEqual(succeeded);
    expect(changes()).toEqual([]);
  });

  it("may be a worker: etcd is not touched", () => {
    expect(admit(cp(1) + cp(2) + cp(3) + w(1, "new/1"))).toEqual(succeeded);
    expect(cluster.members()).toEqual(["cp1", "cp2", "cp3"]);
    expect(cluster.nodes()).toEqual(["cp1", "cp2", "cp3"]);
  });

  it("may be the very one that founded the cluster: another member of etcd is asked", () => {
    machine.write("/cluster/sick", "cp1\n");
    expect(admit(cp(1, "new/1") + cp(2) + cp(3) + w(1))).toEqual(succeeded);
    expect(cluster.members()).toEqual(["cp2", "cp3"]);
    expect(cluster.nodes()).toEqual(["cp2", "cp3", "w1"]);
  });

  it("is refused while the old one lives: its kubelet renews its lease", () => {
    cluster.setAlive("cp3");
    const { code, stderr } = admit(renewed);
    expect(code).toBe(1);
    expect(stderr).toContain(
      "cp1: admit: the machine that is cp3 now is alive and is not the one in the stack file",
    );
    expect(changes()).toEqual([]);
  });

  it("is let in when the old one's lease has not moved for a while", () => {
    cluster.setLease("cp3", new Date(Date.now() - 120_000));
    expect(admit(renewed)).toEqual(succeeded);
    expect(cluster.nodes()).toEqual(["cp1", "cp2", "w1"]);
  });

  it("is let in when the old one died just now and its lease stands still", () => {
    cluster.setLease("cp3", new Date());
    expect(admit(renewed)).toEqual(succeeded);
    expect(cluster.nodes()).toEqual(["cp1", "cp2", "w1"]);
  });
});

describe("etcd's quorum", () => {
  it("is not given up: two of three at once are refused, with the numbers", () => {
    const { code, stderr } = admit(cp(1) + cp(2, "new/1") + cp(3, "new/1") + w(1));
    expect(code).toBe(1);
    expect(stderr).toContain(
      "cp1: admit: etcd has 3 voting members and needs 2; without cp2,cp3 only 1 healthy ones would be left\n",
    );
    expect(changes()).toEqual([]);
  });

  it("is not given up where one leaves and one is made anew", () => {
    const { code, stderr } = admit(cp(1) + cp(2, "new/1") + w(1));
    expect(code).toBe(1);
    expect(stderr).toContain("without cp2,cp3 only 1 healthy ones would be left");
  });

  it("is not given up where another member is sick already", () => {
    machine.write("/cluster/sick", "cp2\n");
    const { code, stderr } = admit(cp(1) + cp(2) + cp(3, "new/1") + w(1));
    expect(code).toBe(1);
    expect(stderr).toContain("needs 2; without cp3 only 1 healthy ones would be left");
    expect(changes()).toEqual([]);
  });

  it("counts voters only: a learner that never started is not one of them", () => {
    cluster.addMember("cp4", "192.168.1.24", { learner: true });
    expect(admit(cp(1) + cp(2) + cp(3, "new/1") + w(1))).toEqual(succeeded);
  });

  it("lets two of five go", () => {
    for (const i of [4, 5]) cluster.addMember(`cp${i}`, `192.168.1.2${i}`);
    const five = all + cp(4) + cp(5);
    cluster.setRecord("members", five.trimEnd());
    expect(admit(all)).toEqual(leaving("cp4 cp5"));
  });

  it("does not matter where only workers go", () => {
    machine.write("/cluster/sick", "cp2\ncp3\n");
    expect(admit(cp(1) + cp(2) + cp(3))).toEqual(leaving("w1"));
  });
});
