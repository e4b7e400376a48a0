import { FakeCluster } from "../support/fakeCluster";
import { Sandbox, type Outcome } from "../support/sandbox";
import { scriptText } from "../support/stepContracts";

let machine: Sandbox;
let cluster: FakeCluster;
const members =
  "cp1 control-plane 192.168.1.21 k\ncp2 control-plane 192.168.1.22 k\nw1 worker 192.168.1.101 k";

beforeEach(() => {
  machine = new Sandbox();
  cluster = new FakeCluster(machine);
  cluster.setRecord("clusterId", "c1");
  cluster.setRecord("members", members);
  for (const name of ["cp1", "cp2", "w1"]) cluster.addNode(name);
  cluster.addMember("cp1", "192.168.1.21");
  cluster.addMember("cp2", "192.168.1.22");
});
afterEach(() => machine.remove());

interface Wanted {
  name: string;
  labels?: string;
  taints?: string;
}
const roster = (...nodes: Wanted[]): Outcome =>
  machine.step("roster", {
    HOST_NAME: "cp1",
    ETCD_TOPOLOGY: "stacked",
    LEAVING: "",
    NODES: nodes
      .map(({ name, labels = "-", taints = "-" }) => `${name} uid ${labels} ${taints}\n`)
      .join(""),
  });
const all: Wanted[] = [{ name: "cp1" }, { name: "cp2" }, { name: "w1" }];
const withWorker = (worker: Omit<Wanted, "name">): Wanted[] => [
  { name: "cp1" },
  { name: "cp2" },
  { name: "w1", ...worker },
];
const succeeded = { code: 0, stdout: "", stderr: "" };
const changes = (): string[] =>
  machine
    .calls("kubectl")
    .filter((call) => /\b(label|taint|annotate|delete|remove|drain|patch|restart)\b/.test(call));

it("changes nothing where everything is as it should be", () => {
  expect(roster(...all)).toEqual(succeeded);
  expect(changes()).toEqual([]);
});

describe("labels", () => {
  it("are added, changed and removed as the stack file says", () => {
    expect(roster(...withWorker({ labels: "disk=ssd,example.com/rack=7" }))).toEqual(succeeded);
    expect(cluster.node("w1").labels).toEqual(["disk=ssd", "example.com/rack=7"]);
    expect(roster(...withWorker({ labels: "disk=nvme,zone=a" }))).toEqual(succeeded);
    expect(cluster.node("w1").labels).toEqual(["disk=nvme", "zone=a"]);
    expect(roster(...all)).toEqual(succeeded);
    expect(cluster.node("w1").labels).toEqual([]);
  });

  it("of others stay", () => {
    cluster.setEntries("w1", "label", ["theirs=1", "disk=hdd"]);
    roster(...withWorker({ labels: "disk=ssd" }));
    roster(...all);
    expect(cluster.node("w1").labels).toEqual(["theirs=1"]);
  });

  it("are written once", () => {
    roster(...withWorker({ labels: "disk=ssd" }));
    machine.forget();
    roster(...withWorker({ labels: "disk=ssd" }));
    expect(changes()).toEqual([]);
  });

  it("may be empty, and are put on a Node that joined anew", () => {
    roster(...withWorker({ labels: "node.example.com/gpu=" }));
    expect(cluster.node("w1").labels).toEqual(["node.example.com/gpu="]);
    machine.run(["rm", "-r", "/cluster/nodes/w1"], "");
    cluster.addNode("w1", { uid: "new" });
    roster(...withWorker({ labels: "node.example.com/gpu=" }));
    expect(cluster.node("w1").labels).toEqual(["node.example.com/gpu="]);
  });
});

describe("taints", () => {
  it("are added, changed and removed as the stack file says", () => {
    expect(
      roster(...withWorker({ taints: "dedicated=db:NoSchedule,slow=:PreferNoSchedule" })),
    ).toEqual(succeeded);
    expect(cluster.node("w1").taints).toEqual([
      "dedicated=db:NoSchedule",
      "slow=:PreferNoSchedule",
    ]);
    expect(roster(...withWorker({ taints: "dedicated=web:NoSchedule" }))).toEqual(succeeded);
    expect(cluster.node("w1").taints).toEqual(["dedicated=web:NoSchedule"]);
    expect(roster(...all)).toEqual(succeeded);
    expect(cluster.node("w1").taints).toEqual([]);
  });

  it("of one key are told by their effect", () => {
    roster(...withWorker({ taints: "a=1:NoExecute,a=1:NoSchedule" }));
    roster(...withWorker({ taints: "a=1:NoExecute" }));
    expect(cluster.node("w1").taints).toEqual(["a=1:NoExecute"]);
  });

  it("of others stay", () => {
    cluster.setEntries("cp1", "taint", ["node-role.kubernetes.io/control-plane=:NoSchedule"]);
    roster({ name: "cp1", taints: "a=:NoSchedule" }, ...all.slice(1));
    roster(...all);
    expect(cluster.node("cp1").taints).toEqual([
      "node-role.kubernetes.io/control-plane=:NoSchedule",
    ]);
  });

  it("that somebody else took away already do no harm", () => {
    roster(...withWorker({ taints: "a=:NoSchedule,b=:NoSchedule" }));
    cluster.setEntries("w1", "taint", ["b=:NoSchedule"]);
    expect(roster(...all)).toEqual(succeeded);
    expect(cluster.node("w1").taints).toEqual([]);
    cluster.setEntries("w1", "taint", []);
    expect(roster(...all)).toEqual(succeeded);
  });
});

it("leads from one list to another: all of the new, and what is only in the old with a dash", () => {
  machine.write("/roster.sh", scriptText("roster"));
  const from = (old: string, wanted: string, kind: string): string[] => {
    const text = `: "\${HOST_NAME:=h}" "\${NODES:=n}" "\${LEAVING:=}" "\${ETCD_TOPOLOGY:=stacked}"; source /roster.sh; changes '${old}' '${wanted}' ${kind}`;
    return machine.bash(text).stdout.split("\n").filter(Boolean);
  };
  expect(from("", "a=1,b=", "label")).toEqual(["a=1", "b="]);
  expect(from("a=1,b=2,c=3", "b=2,c=4", "label")).toEqual(["b=2", "c=4", "a-"]);
  expect(from("a=1", "", "label")).toEqual(["a-"]);
  expect(from("x/y=1", "x/z=1", "label")).toEqual(["x/z=1", "x/y-"]);
  expect(from("a=1:NoSchedule,a=1:NoExecute", "a=2:NoSchedule", "taint")).toEqual([
    "a=2:NoSchedule",
    "a:NoExecute-",
  ]);
});

it("removes a node that went without a word without a drain, though it is Ready for a while", () => {
  cluster.setLease("w1", new Date());
  expect(roster({ name: "cp1" }, { name: "cp2" })).toEqual(succeeded);
  expect(changes().some((call) => call.includes("drain"))).toBe(false);
  expect(cluster.nodes()).toEqual(["cp1", "cp2"]);
});

describe("a node that the stack file no longer has", () => {
  beforeEach(() => ["cp2", "w1"].forEach((name) => cluster.setAlive(name)));

  it("is drained and removed; a worker's leaving does not touch etcd", () => {
    expect(roster({ name: "cp1" }, { name: "cp2" })).toEqual(succeeded);
    expect(cluster.nodes()).toEqual(["cp1", "cp2"]);
    expect(cluster.members()).toEqual(["cp1", "cp2"]);
    expect(cluster.record("members")).toBe(members.split("\n").slice(0, 2).join("\n"));
    expect(changes()[0]).toMatch(/^kubectl drain w1 /);
  });

  it("and was a control plane leaves etcd too, before its Node goes", () => {
    expect(roster({ name: "cp1" }, { name: "w1" })).toEqual(succeeded);
    expect(cluster.members()).toEqual(["cp1"]);
    expect(cluster.nodes()).toEqual(["cp1", "w1"]);
    const order = changes().map((call) => /drain|member remove|delete node|patch/.exec(call)?.[0]);
    expect(order).toEqual(["drain", "member remove", "delete node", "patch"]);
  });

  it("and is dead is removed without a drain, which would wait for it", () => {
    cluster.addNode("w1", { ready: false });
    expect(roster({ name: "cp1" }, { name: "cp2" })).toEqual(succeeded);
    expect(changes().some((call) => call.includes("drain"))).toBe(false);
    expect(cluster.nodes()).toEqual(["cp1", "cp2"]);
  });

  it("and cannot be drained stays, and the user is told why", () => {
    machine.write("/cluster/nodes/w1/undrainable", "");
    const { code, stderr } = roster({ name: "cp1" }, { name: "cp2" });
    expect(code).toBe(1);
    expect(stderr).toContain(
      "cp1: roster: w1 could not be drained within two minutes; it is cordoned now\n",
    );
    expect(stderr).toContain("    error: Cannot evict pod");
    expect(cluster.nodes()).toContain("w1");
    expect(cluster.record("members")).toBe(members);
  });

  it("and is gone already is only taken off the record", () => {
    machine.run(["rm", "-r", "/cluster/nodes/w1"], "");
    expect(roster({ name: "cp1" }, { name: "cp2" })).toEqual(succeeded);
    expect(cluster.record("members")).not.toContain("w1");
  });
});

it("a node that somebody else joined is left alone", () => {
  cluster.addNode("guest");
  expect(roster(...all)).toEqual(succeeded);
  expect(cluster.nodes()).toContain("guest");
});

describe("CoreDNS", () => {
  const restarts = (): string[] =>
    machine.calls("kubectl").filter((call) => call.includes("rollout restart"));

  it("is spread when all of its pods are on one node", () => {
    machine.write("/cluster/coredns", "cp1\ncp1\n");
    roster(...all);
    expect(restarts()).toEqual(["kubectl -n kube-system rollout restart deployment/coredns"]);
  });

  it("is spread when the nodes are Ready, which may then take its pods", () => {
    machine.write("/cluster/coredns", "cp1\ncp1\n");
    roster(...all);
    const nodes = all.map(({ name }) => `node/${name}`).join(" ");
    const calls = machine.calls("kubectl");
    const asked = calls.findIndex((call) => call.includes(" wait ") && call.endsWith(nodes));
    expect(asked).toBeGreaterThan(-1);
    expect(asked).toBeLessThan(calls.findIndex((call) => call.includes("rollout restart")));
  });

  it("is spread over those that there are where one does not become Ready: verify tells of that", () => {
    machine.write("/cluster/coredns", "cp1\ncp1\n");
    machine.write("/cluster/nodes/w1/ready", "False\n");
    expect(roster(...all)).toMatchObject({ code: 0, stderr: "" });
    expect(restarts()).toHaveLength(1);
  });

  it.each([
    ["they are on several", "cp1\nw1\n"],
    ["there is only one", "cp1\n"],
    ["there is none", ""],
  ])("is left alone where %s", (_, pods) => {
    machine.write("/cluster/coredns", pods);
    roster(...all);
    expect(restarts()).toEqual([]);
  });

  it("is left alone where there is one node only", () => {
    machine.write("/cluster/coredns", "cp1\ncp1\n");
    cluster.setRecord("members", members.split("\n")[0] ?? "");
    roster({ name: "cp1" });
    expect(restarts()).toEqual([]);
  });
});
