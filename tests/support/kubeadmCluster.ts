import type { KubeadmCluster } from "../../components/render/kubeadm";
import { kubeadmApi } from "../../config/versions";

/** A cluster as kubeadm's configuration describes it, without any fragment of the user's. */
export function kubeadmCluster(more: Partial<KubeadmCluster> = {}): KubeadmCluster {
  const kubernetesVersion = more.kubernetesVersion ?? "1.37.2";
  return {
    api: kubeadmApi(kubernetesVersion),
    clusterName: "prod",
    kubernetesVersion,
    endpoint: "api.example.com:6443",
    podSubnet: "10.244.0.0/16",
    serviceSubnet: "10.96.0.0/12",
    dnsDomain: "cluster.local",
    certificateNames: ["api.example.com", "192.168.1.11", "127.0.0.1"],
    ignorePreflightErrors: [],
    fragments: { cluster: {}, kubelet: {}, kubeProxy: {} },
    ...more,
  };
}
