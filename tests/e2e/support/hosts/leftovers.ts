import { containerName } from "../../../../lab/hosts/containers";
import { podman } from "../../../../lab/hosts/podman";
import { run } from "../../../../lab/process";
import type { Suite } from "../suite/suite";

/** What is looked for on a host, whatever its role was; each prints a line a finding. */
const searches = [
  "ps -eo comm= | grep -E '^(kube|etcd|containerd|coredns|flanneld|haproxy|keepalived)' || true",
  // A step is run by `timeout`.
  "ps -eo args= | grep '[t]imeout -k 30 ' || true",
  "find /etc/kubernetes /var/lib/kubelet /var/lib/etcd /var/lib/cni /etc/cni/net.d /run/flannel /var/lib/kubeadm-ha /usr/local/lib/kubeadm-ha /home/admin/.kube /opt/cni /etc/containerd /etc/etcd /opt/etcd /etc/haproxy /etc/keepalived -mindepth 1 2>/dev/null || true",
  "ip -brief link | grep -E 'cni0|flannel|veth' || true",
  "grep -E ' /(var/lib/kubelet|run/containerd|run/netns)/' /proc/mounts || true",
  "dpkg-query -W -f '${Package}\\n' kubelet kubeadm kubectl kubernetes-cni containerd runc haproxy keepalived 2>/dev/null || true",
  "ls -d /etc/apt/sources.list.d/kubeadm-ha.list /etc/apt/keyrings/kubeadm-ha.asc /etc/sysctl.d/90-kubeadm-ha.conf /etc/modules-load.d/kubeadm-ha.conf /etc/haproxy /etc/systemd/system/etcd.service /usr/local/bin/etcd* 2>/dev/null || true",
  "getent passwd etcd || true",
];

/**
 * What a host still has of the product, a line a finding; nothing on a clean host.
 *
 * @param virtualIp the stack's, where it has one: it is looked for too.
 */
export function leftovers(suite: Suite, host: string, virtualIp?: string): Promise<string> {
  const address =
    virtualIp === undefined
      ? []
      : [`ip -4 -oneline address show | grep -F ' ${virtualIp}/' || true`];
  return suite.outputOf(host, [...searches, ...address].join("; "));
}

/** Expects {@link leftovers} of none of the hosts, and no line in their packet filters. */
export async function expectClean(
  suite: Suite,
  hosts: readonly string[],
  virtualIp?: string,
): Promise<void> {
  const found = await Promise.all(
    hosts.map(async (host) => {
      const rules = await filterRules(suite, host);
      return [host, await leftovers(suite, host, virtualIp), rules] as const;
    }),
  );
  expect(found).toEqual(hosts.map((host) => [host, "", 0]));
}

/**
 * How many lines of the cluster's a host's packet filter has, seen from outside: the programs that could tell may no longer be
 * on the host itself.
 */
export async function filterRules(suite: Suite, host: string): Promise<number> {
  const container = containerName(suite.lab.stack, host);
  const process = await podman(["inspect", "--format", "{{.State.Pid}}", container]);
  const rules = await Promise.all(
    ["iptables-save", "ip6tables-save"].map((save) =>
      run("nsenter", ["--target", process.trim(), "--net", save]),
    ),
  );
  return rules.flatMap(({ stdout }) => stdout.match(/KUBE|FLANNEL|CNI-/g) ?? []).length;
}
