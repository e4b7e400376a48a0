import type { KubeadmCluster } from "./kubeadm";

/**
 * What was decided when the cluster was founded and cannot change by editing the stack file: `key=value` a line, the
 * keys being the stack file's own. The cluster's record holds it, and `admit` refuses a stack that says otherwise.
 */
export function foundingSettings(cluster: KubeadmCluster, etcdTopology: string): string {
  const settings: Record<string, string> = {
    name: cluster.clusterName,
    endpoint: cluster.endpoint,
    "etcd.topology": etcdTopology,
    "kubernetes.version": cluster.kubernetesVersion,
    "kubernetes.cluster": JSON.stringify(cluster.fragments.cluster),
    "kubernetes.kubelet": JSON.stringify(cluster.fragments.kubelet),
    "kubernetes.kubeProxy": JSON.stringify(cluster.fragments.kubeProxy),
    "network.podSubnet": cluster.podSubnet,
    "network.serviceSubnet": cluster.serviceSubnet,
    "network.dnsDomain": cluster.dnsDomain,
  };
  return Object.entries(settings)
    .map(([key, value]) => `${key}=${value}\n`)
    .join("");
}
