import type { StepParameters } from "../../components/remote/steps";
import { joinConfiguration } from "../../components/render/kubeadm";
import { FakeCluster } from "../support/fakeCluster";
import { pkiFiles } from "../support/files";
import { kubeadmCluster } from "../support/kubeadmCluster";
import { Sandbox, type Outcome } from "../support/sandbox";

const endpoint = "127.0.0.1:6443";
let machine: Sandbox;
let cluster: FakeCluster;
beforeEach(() => {
  machine = new Sandbox();
  cluster = new FakeCluster(machine);
  cluster.answers(endpoint);
  cluster.answers("192.168.1.21:6443");
  cluster.addNode("cp1");
  cluster.addMember("cp1", "192.168.1.21");
  machine.stub("systemctl");
  for (const file of pkiFiles) machine.write(`/var/lib/kubeadm-ha/pki/${file}`, `our ${file}\n`);
  machine.write("/var/lib/kubeadm-ha/join.conf", "the join credential\n");
});
afterEach(() => machine.remove());

const parametersOf = (
  role: "control-plane" | "worker",
  node: { name: string; address: string },
): StepParameters["join"] => ({
  HOST_NAME: node.name,
  ROLE: role,
  ADDRESS: node.address,
  GENERATION: "1",
  CLUSTER_ID: "c1",
  ENDPOINT: endpoint,
  ETCD_TOPOLOGY: "stacked",
  KUBECONFIG_USER: role === "worker" ? "" : "admin",
  KUBEADM_CONFIG: joinConfiguration(kubeadmCluster(), node, role, "/var/lib/kubeadm-ha/join.conf"),
});
const worker = parametersOf("worker", { name: "w1", address: "192.168.1.101" });
const controlPlane = parametersOf("control-plane", { name: "cp2", address: "192.168.1.22" });
const join = (parameters: StepParameters["join"]): Outcome => machine.step("join", parameters);
const kubeadmCalls = (): string[] =>
  machine.calls("kubeadm").map((call) => call.split(" ")[1] ?? "");

describe("a worker", () => {
  it("joins, and prints nothing but its Node's UID", () => {
    expect(join(worker)).toEqual({ code: 0, stdout: "uid-1", stderr: "" });
    expect(machine.calls("kubeadm")).toEqual([
      "kubeadm join --config /var/lib/kubeadm-ha/kubeadm-join.yaml",
    ]);
    expect(machine.read("/var/lib/kubeadm-ha/kubeadm-join.yaml")).toBe(worker.KUBEADM_CONFIG);
    expect(cluster.nodes()).toEqual(["cp1", "w1"]);
  });

  it("keeps no credential that can join, and gets no key of a CA", () => {
    join(worker);
    expect(machine.has("/var/lib/kubeadm-ha/join.conf")).toBe(false);
    expect(machine.has("/etc/kubernetes/pki/ca.key")).toBe(false);
  });

  it("that is a member already does not run kubeadm", () => {
    const first = join(worker);
    machine.forget();
    expect(join(worker)).toEqual(first);
    expect(machine.calls("kubeadm")).toEqual([]);
    expect(cluster.node("w1").uid).toBe("uid-1");
  });

  it("whose join broke off is reset and joins again", () => {
    machine.write("/cluster/kubeadm-fails", "error execution phase kubelet-start: timed out");
    const broken = join(worker);
    expect(broken.code).toBe(1);
    expect(broken.stderr).toMatch(/^w1: join: `kubeadm join --config [^`]*` failed:\n/);
    expect(broken.stderr).toContain("    error execution phase kubelet-start: timed out\n");
    // The credential stays where the next attempt needs it.
    expect(machine.has("/var/lib/kubeadm-ha/join.conf")).toBe(true);
    machine.run(["rm", "/cluster/kubeadm-fails"], "");
    machine.forget();
    expect(join(worker)).toMatchObject({ code: 0, stdout: "uid-1" });
    expect(kubeadmCalls()).toEqual(["reset", "join"]);
  });

  it("that an API server refused which was not ready begins again", () => {
    machine.write(
      "/cluster/kubeadm-fails-once",
      'error: cannot get Node "w1": nodes "w1" is forbidden: RBAC: clusterrole "y" not found\n',
    );
    cluster.refuses(1);
    expect(join(worker)).toEqual({ code: 0, stdout: "uid-1", stderr: "" });
    expect(kubeadmCalls()).toEqual(["join", "reset", "join"]);
  });

  it("that is refused for good tells so after a minute or so", () => {
    machine.write("/cluster/kubeadm-fails", 'error: nodes "w1" is forbidden');
    const { code, stderr } = join(worker);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^w1: join: `kubeadm join --config [^`]*` failed:\n/);
    expect(stderr.match(/is forbidden/g)).toHaveLength(1);
    // A pause counts as ten seconds here.
    expect(kubeadmCalls().filter((call) => call === "join")).toHaveLength(7);
  });

  it("whose Node is gone joins anew, with a new UID, and without the pod network's interfaces of before", () => {
    join(worker);
    machine.stub("ip");
    machine.write("/var/lib/cni/networks/cbr0/10.244.1.7", "a container");
    machine.write("/var/lib/cni/networks/somebody-elses/10.9.0.2", "a container");
    machine.write("/run/flannel/subnet.env", "FLANNEL_SUBNET=10.244.1.1/24");
    machine.run(["rm", "-r", "/cluster/nodes/w1"], "");
    machine.write("/var/lib/kubeadm-ha/join.conf", "trusted again\n");
    machine.forget();
    expect(join(worker)).toMatchObject({ code: 0, stdout: "uid-2" });
    expect(kubeadmCalls()).toEqual(["reset", "join"]);
    expect(machine.calls("ip")).toEqual(
      expect.arrayContaining(["ip link delete cni0", "ip link delete flannel.1"]),
    );
    expect(machine.list("/var/lib/cni/networks")).toEqual(["somebody-elses"]);
    expect(machine.has("/run/flannel")).toBe(false);
  });

  it("does not touch etcd, nor any Node", () => {
    join(worker);
    expect(machine.calls("kubectl").filter((call) => /etcd|delete/.test(call))).toEqual([]);
  });
});

describe("a member is never reset by mistake:", () => {
  beforeEach(() => {
    join(worker);
    machine.forget();
  });

  it("not when the API does not answer", () => {
    machine.run(["rm", `/cluster/api/${endpoint}`], "");
    const { code, stderr } = join(worker);
    expect(code).toBe(1);
    expect(stderr).toContain(`w1: join: the Kubernetes API does not answer`);
    expect(machine.calls("kubeadm")).toEqual([]);
  });

  it("not when the API does not take the kubelet's credential", () => {
    cluster.isDown("error: You must be logged in to the server (Unauthorized)");
    const { code, stderr } = join(worker);
    expect(code).toBe(1);
    expect(stderr).toContain("(Unauthorized)");
    expect(machine.calls("kubeadm")).toEqual([]);
    expect(machine.has("/etc/kubernetes/kubelet.conf")).toBe(true);
  });
});

it("asks the endpoint first: kubeadm would wait in silence", () => {
  machine.run(["rm", `/cluster/api/${endpoint}`], "");
  const { code, stderr } = join(worker);
  expect(code).toBe(1);
  expect(stderr).toBe(
    `w1: join: the Kubernetes API does not answer this host through the load balancer at ${endpoint}\n` +
      "  what to do: check the balancer (its journal says what it does), the route and firewalls\n",
  );
  expect(machine.calls("kubeadm")).toEqual([]);
});

describe("a control plane", () => {
  it("that an API server refused which was not ready begins again, with the stack's own CAs", () => {
    machine.write("/cluster/kubeadm-fails-once", "error: unexpected EOF\n");
    cluster.refuses(1);
    expect(join(controlPlane)).toEqual({ code: 0, stdout: "uid-1", stderr: "" });
    expect(kubeadmCalls()).toEqual(["join", "reset", "join"]);
    expect(machine.read("/etc/kubernetes/pki/ca.key")).toBe("our ca.key\n");
    expect(cluster.members()).toEqual(["cp1", "cp2"]);
  });

  it("joins with the stack's own CAs", () => {
    expect(join(controlPlane)).toEqual({ code: 0, stdout: "uid-1", stderr: "" });
    for (const file of pkiFiles.filter((name) => name !== "ca.crt")) {
      expect(machine.read(`/etc/kubernetes/pki/${file}`)).toBe(`our ${file}\n`);
      expect(machine.mode(`/etc/kubernetes/pki/${file}`)).toBe("600");
    }
    expect(cluster.members()).toEqual(["cp1", "cp2"]);
  });

  it("that is a member already does not run kubeadm", () => {
    join(controlPlane);
    machine.forget();
    expect(join(controlPlane)).toMatchObject({ code: 0, stdout: "uid-1" });
    expect(machine.calls("kubeadm")).toEqual([]);
    expect(machine.calls("kubectl").filter((call) => /remove|delete/.test(call))).toEqual([]);
  });

  it("that founded the cluster is a member", () => {
    machine.write("/etc/kubernetes/kubelet.conf", "");
    machine.write("/etc/kubernetes/admin.conf", "");
    machine.write("/var/lib/kubeadm-ha/founded", "c1\n");
    cluster.addNode("cp2", { uid: "founder" });
    expect(join(controlPlane)).toMatchObject({ code: 0, stdout: "founder" });
    expect(machine.calls("kubeadm")).toEqual([]);
  });

  it("that was cut off after its last step is complete all the same", () => {
    machine.write("/etc/kubernetes/kubelet.conf", "");
    machine.write("/etc/kubernetes/admin.conf", "");
    cluster.addNode("cp2");
    cluster.addMember("cp2", "192.168.1.22");
    cluster.answers("192.168.1.22:6443");
    expect(join(controlPlane)).toMatchObject({ code: 0, stdout: "old-uid-of-cp2" });
    expect(machine.calls("kubeadm")).toEqual([]);
  });

  it("whose join broke off loses its learner and its Node, is reset, and joins again", () => {
    machine.write("/etc/kubernetes/kubelet.conf", "");
    machine.write("/etc/kubernetes/pki/ca.crt", "");
    cluster.addNode("cp2");
    cluster.addMember("cp2", "192.168.1.22", { learner: true });
    expect(join(controlPlane)).toMatchObject({ code: 0, stdout: "uid-1" });
    const changes = machine
      .calls()
      .filter((call) => /^kubeadm|member remove|delete node/.test(call))
      .map((call) => call.replace(/^kubectl .* etcdctl .* member remove/, "member remove"));
    expect(changes).toEqual([
      "member remove id-cp2",
      "kubeadm reset --force --cri-socket unix:///run/containerd/containerd.sock",
      "kubectl delete node cp2 --ignore-not-found",
      "kubeadm join --config /var/lib/kubeadm-ha/kubeadm-join.yaml",
    ]);
    expect(cluster.members()).toEqual(["cp1", "cp2"]);
  });

  it("asks a healthy member about etcd, and not its own", () => {
    cluster.addMember("cp3", "192.168.1.23", { sick: true });
    cluster.addMember("cp4", "192.168.1.24");
    expect(join(controlPlane).code).toBe(0);
    const asked = machine.calls("kubectl").filter((call) => call.includes("member list"));
    expect(asked).toEqual([expect.stringContaining("exec etcd-cp1 ")]);
  });

  it("does not join where no member of etcd answers", () => {
    machine.write("/cluster/sick", "cp1\n");
    const { code, stderr } = join(controlPlane);
    expect(code).toBe(1);
    expect(stderr).toContain("cp2: join: no etcd member answers");
    expect(machine.calls("kubeadm")).toEqual([]);
  });
});

describe("the login user's kubeconfig", () => {
  const file = "/home/admin/.kube/config";

  it("is the administrator's, and only its owner's to read", () => {
    join(controlPlane);
    expect(machine.read(file)).toBe(machine.read("/etc/kubernetes/admin.conf"));
    expect([machine.mode(file), machine.mode("/home/admin/.kube")]).toEqual(["600", "700"]);
    expect(machine.list("/home/admin/.kube")).toEqual(["config"]);
    machine.run(["touch", "-d", "2020-01-01", file], "");
    expect(join(controlPlane).code).toBe(0);
    expect(machine.run(["stat", "-c", "%y", file], "").stdout).toMatch(/^2020-01-01/);
  });

  it("of another cluster is left alone", () => {
    machine.write(file, "certificate-authority-data: another\n");
    expect(join(controlPlane).code).toBe(0);
    expect(machine.read(file)).toBe("certificate-authority-data: another\n");
  });

  it("of this cluster is written anew", () => {
    const ca = Buffer.from("our ca.crt\n").toString("base64");
    machine.write(file, `certificate-authority-data: ${ca}\n`);
    join(controlPlane);
    expect(machine.read(file)).toBe(machine.read("/etc/kubernetes/admin.conf"));
  });

  it("is written for nobody where nobody is named", () => {
    join({ ...controlPlane, KUBECONFIG_USER: "" });
    expect(machine.has(file)).toBe(false);
  });
});
