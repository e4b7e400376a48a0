import { containerName } from "../../../lab/hosts/containers";
import { podman } from "../../../lab/hosts/podman";
import { run } from "../../../lab/process";
import { nodes } from "../support/nodes";
import { suite } from "../support/suites";

const stacked = suite("stacked");

const members = ["cp1", "cp2", "cp3", "w1", "w2"];

/** Everything of ours that a host still has: one line a finding, each with its reason to look. */
const leftovers = [
  "ps -eo comm= | grep -E '^(kube|etcd|containerd|coredns|flanneld|haproxy)' || true",
  "find /etc/kubernetes /var/lib/kubelet /var/lib/etcd /var/lib/cni /etc/cni/net.d /run/flannel /var/lib/kubeadm-ha /usr/local/lib/kubeadm-ha /home/admin/.kube /opt/cni /etc/containerd -mindepth 1 2>/dev/null || true",
  "ip -brief link | grep -E 'cni0|flannel|veth' || true",
  "grep -E ' /(var/lib/kubelet|run/containerd|run/netns)/' /proc/mounts || true",
  "dpkg-query -W -f '${Package}\\n' kubelet kubeadm kubectl kubernetes-cni containerd haproxy 2>/dev/null || true",
  "ls /etc/apt/sources.list.d/kubeadm-ha.list /etc/apt/keyrings/kubeadm-ha.asc /etc/sysctl.d/90-kubeadm-ha.conf /etc/modules-load.d/kubeadm-ha.conf /etc/haproxy 2>/dev/null || true",
].join("; ");

beforeAll(() => stacked.ensureCluster());

describe("destroy", () => {
  it("leaves clean hosts", async () => {
    // The positive control: what is looked for is there while the cluster is.
    expect(await stacked.outputOf("cp1", leftovers)).toMatch(/kubelet[^]*flannel/);
    expect(await chains("cp1")).toBeGreaterThan(10);
    const run = await stacked.pulumiDestroy();
    console.log(`destroy: ${run.seconds.toFixed(1)} s`);
    for (const host of [...members, "lb"]) {
      expect(`${host}: ${await stacked.outputOf(host, leftovers)}`).toBe(`${host}: `);
    }
    for (const host of members) expect(await chains(host)).toBe(0);
  });

  it("and a following up works at once", async () => {
    const run = await stacked.pulumiUp();
    console.log(`up after destroy: ${run.seconds.toFixed(1)} s`);
    const found = await nodes(stacked);
    expect([...found.keys()].sort()).toEqual(members);
    for (const node of found.values()) expect(node.ready).toBe(true);
  });
});

/** How many lines of ours the host's packet filter has, seen from outside: iptables is no longer on the host itself. */
async function chains(host: string): Promise<number> {
  const process = await podman([
    "inspect",
    "--format",
    "{{.State.Pid}}",
    containerName(stacked.lab.stack, host),
  ]);
  const rules = await Promise.all(
    ["iptables-save", "ip6tables-save"].map((save) =>
      run("nsenter", ["--target", process.trim(), "--net", save]),
    ),
  );
  return rules.flatMap(({ stdout }) => stdout.match(/KUBE|FLANNEL|CNI-/g) ?? []).length;
}
