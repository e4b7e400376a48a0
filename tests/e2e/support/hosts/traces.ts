import type { Suite } from "../suite/suite";

/** The hosts, of those given, that the product has left something on. */
export async function touchedHosts(suite: Suite, hosts: readonly string[]): Promise<string[]> {
  const traces = "ls -d /var/lib/kubeadm-ha /usr/local/lib/kubeadm-ha 2>/dev/null || true";
  const found = await Promise.all(hosts.map((name) => suite.outputOf(name, traces)));
  return hosts.filter((_, i) => found[i] !== "");
}
