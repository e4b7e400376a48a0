import { ensureCluster } from "./support/cluster";
import { eventually, kubectl, onHost, outputOf } from "./support/hosts";
import { nodes } from "./support/nodes";

const controlPlanes = ["cp1", "cp2", "cp3"];
const etcdctl = (node: string, args: string): string =>
  `-n kube-system exec etcd-${node} -- etcdctl --endpoints=https://127.0.0.1:2379 --cert=/etc/kubernetes/pki/etcd/server.crt --key=/etc/kubernetes/pki/etcd/server.key --cacert=/etc/kubernetes/pki/etcd/ca.crt ${args}`;

beforeAll(ensureCluster);

describe("the seed's verification", () => {
  it("shows the control plane's pods on three nodes", async () => {
    const pods = await kubectl("get pods -n kube-system -o wide --no-headers");
    for (const component of [
      "kube-apiserver",
      "etcd",
      "kube-controller-manager",
      "kube-scheduler",
    ]) {
      for (const node of controlPlanes) {
        expect(pods).toMatch(new RegExp(`^${component}-${node} +1/1 +Running`, "m"));
      }
    }
  });

  it("lists three started etcd members", async () => {
    const members = await kubectl(etcdctl("cp1", "member list"));
    expect(members.match(/, started, cp[123], /g)).toHaveLength(3);
    expect(members).not.toMatch(/, true$/m);
  });

  it("answers kubectl get componentstatuses", async () => {
    expect(await kubectl("get componentstatuses")).toMatch(/etcd-0 +Healthy/);
  });
});

describe("the seed's HA test 1: several API servers", () => {
  it.each([
    ["cp1", "198.18.1.11"],
    ["cp2", "198.18.1.12"],
    ["cp3", "198.18.1.13"],
  ])("%s answers directly", async (_, address) => {
    const version = await outputOf("w1", `curl -ks -m 5 https://${address}:6443/version`);
    expect(JSON.parse(version)).toMatchObject({ gitVersion: "v1.37.2" });
  });
});

describe("the seed's HA test 2: a control plane's kubelet is stopped", () => {
  it("the cluster still works, and the node comes back", async () => {
    await outputOf("cp2", "systemctl stop kubelet");
    try {
      await eventually(90, async () => expect((await nodes()).get("cp2")?.ready).toBe(false));
      expect((await nodes()).size).toBe(5);
      expect(await kubectl("get pods -A --no-headers")).toContain("kube-apiserver-cp1");
      await kubectl("create configmap written-meanwhile --from-literal=a=b");
      await kubectl("delete configmap written-meanwhile");
    } finally {
      await outputOf("cp2", "systemctl start kubelet");
    }
    await eventually(90, async () => expect((await nodes()).get("cp2")?.ready).toBe(true));
  });
});

describe("the seed's HA test 3: etcd's quorum", () => {
  it.each(controlPlanes)("the member on %s is healthy", async (node) => {
    const health = await onHost(
      node,
      `kubectl --kubeconfig /etc/kubernetes/admin.conf ${etcdctl(node, "endpoint health")} 2>&1`,
    );
    expect(health.stdout).toContain("is healthy");
  });
});

describe("the seed's manual work", () => {
  it("kubeadm token create --print-join-command and upload-certs give a join command", async () => {
    const join = await outputOf(
      "cp1",
      "kubeadm token create --ttl 10m --print-join-command 2>/dev/null",
    );
    expect(join).toMatch(
      /^kubeadm join 198\.18\.1\.10:6443 --token \S+ --discovery-token-ca-cert-hash sha256:[0-9a-f]{64}/,
    );
    const upload = await outputOf(
      "cp1",
      "kubeadm init phase upload-certs --upload-certs 2>/dev/null",
    );
    expect(upload).toMatch(/^[0-9a-f]{64}$/m);
    await outputOf("cp1", `kubeadm token delete ${/--token (\S+)\./.exec(join)?.[1] ?? ""}`);
  });

  it("HAProxy's statistics come through socat at /var/run/haproxy.sock and show every API server up", async () => {
    const stats = await outputOf("lb", "echo 'show stat' | socat stdio /var/run/haproxy.sock");
    for (const node of controlPlanes) {
      expect(stats).toMatch(new RegExp(`^kubernetes-backend,${node},.*,UP,`, "m"));
    }
  });
});
