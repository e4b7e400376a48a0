import type { KubeadmApi } from "../../config/versions";
import { merge, type Tree } from "./merge";
import { yamlDocument, yamlDocuments } from "./yaml";

/** Container runtime endpoint of containerd, as the kubelet and kubeadm want it. */
export const criSocket = "unix:///run/containerd/containerd.sock";

/** Port of every API server; the balancer's own port is a setting. */
export const apiServerPort = 6443;

/** What every kubeadm configuration of one cluster shares. */
export interface KubeadmCluster {
  /** kubeadm's configuration API. */
  readonly api: KubeadmApi;
  readonly clusterName: string;
  /** Without a leading v. */
  readonly kubernetesVersion: string;
  /** The load balancer's endpoint, `host:port`. */
  readonly endpoint: string;
  readonly podSubnet: string;
  readonly serviceSubnet: string;
  readonly dnsDomain: string;
  /** Names and addresses for the API servers' certificates, beside kubeadm's own. */
  readonly certificateNames: readonly string[];
  /** Where an external etcd serves its clients; absent with stacked etcd. */
  readonly etcdEndpoints?: readonly string[];
  /** kubeadm preflight checks whose errors become warnings. */
  readonly ignorePreflightErrors: readonly string[];
  /** The user's fragments, merged over what is generated. */
  readonly fragments: {
    readonly cluster: Tree;
    readonly kubelet: Tree;
    readonly kubeProxy: Tree;
  };
}

/** The node a kubeadm configuration is for. */
export interface KubeadmNode {
  readonly name: string;
  readonly address: string;
}

/** Configuration for `kubeadm init` on the machine that founds the cluster. */
export function initConfiguration(cluster: KubeadmCluster, node: KubeadmNode): string {
  return yamlDocuments([
    {
      ...nodeInit(cluster, node),
      bootstrapTokens: [],
      // Two minutes instead of four: a control plane that is not up by then will not come up by waiting.
      ...(cluster.api === "v1beta4" && { timeouts: { controlPlaneComponentHealthCheck: "2m0s" } }),
    },
    clusterConfiguration(cluster),
    merge(
      {
        apiVersion: "kubelet.config.k8s.io/v1beta1",
        kind: "KubeletConfiguration",
        cgroupDriver: "systemd",
      },
      cluster.fragments.kubelet,
    ),
    merge(
      { apiVersion: "kubeproxy.config.k8s.io/v1alpha1", kind: "KubeProxyConfiguration" },
      cluster.fragments.kubeProxy,
    ),
  ]);
}

/** What single phases of `kubeadm init` must know of a control plane, beside the cluster's own ClusterConfiguration. */
export function nodeConfiguration(cluster: KubeadmCluster, node: KubeadmNode): string {
  return yamlDocument(nodeInit(cluster, node));
}

function nodeInit(cluster: KubeadmCluster, node: KubeadmNode): Record<string, unknown> {
  return {
    apiVersion: `kubeadm.k8s.io/${cluster.api}`,
    kind: "InitConfiguration",
    localAPIEndpoint: localApiEndpoint(node),
    nodeRegistration: nodeRegistration(cluster, node),
  };
}

/** Configuration for `kubeadm join`. */
export function joinConfiguration(
  cluster: KubeadmCluster,
  node: KubeadmNode,
  role: "control-plane" | "worker",
  discoveryFile: string,
): string {
  return yamlDocuments([
    {
      apiVersion: `kubeadm.k8s.io/${cluster.api}`,
      kind: "JoinConfiguration",
      discovery: { file: { kubeConfigPath: discoveryFile } },
      nodeRegistration: nodeRegistration(cluster, node),
      ...(role === "control-plane" && {
        controlPlane: { localAPIEndpoint: localApiEndpoint(node) },
      }),
    },
  ]);
}

function clusterConfiguration(cluster: KubeadmCluster): Record<string, unknown> {
  const { api } = cluster;
  return merge(
    {
      apiVersion: `kubeadm.k8s.io/${api}`,
      kind: "ClusterConfiguration",
      clusterName: cluster.clusterName,
      kubernetesVersion: `v${cluster.kubernetesVersion}`,
      controlPlaneEndpoint: cluster.endpoint,
      networking: {
        podSubnet: cluster.podSubnet,
        serviceSubnet: cluster.serviceSubnet,
        dnsDomain: cluster.dnsDomain,
      },
      apiServer: {
        certSANs: [...cluster.certificateNames],
        ...(api === "v1beta3" && { timeoutForControlPlane: "2m0s" }),
      },
      ...(cluster.etcdEndpoints !== undefined && {
        etcd: {
          external: {
            endpoints: [...cluster.etcdEndpoints],
            caFile: "/etc/kubernetes/pki/etcd/ca.crt",
            certFile: "/etc/kubernetes/pki/apiserver-etcd-client.crt",
            keyFile: "/etc/kubernetes/pki/apiserver-etcd-client.key",
          },
        },
      }),
      // The stack's own CAs are ECDSA; so are the certificates kubeadm issues from them (v1beta4 only has the setting).
      ...(api === "v1beta4" && { encryptionAlgorithm: "ECDSA-P256" }),
    },
    cluster.fragments.cluster,
  );
}

function localApiEndpoint(node: KubeadmNode): Record<string, unknown> {
  return { advertiseAddress: node.address, bindPort: apiServerPort };
}

function nodeRegistration(cluster: KubeadmCluster, node: KubeadmNode): Record<string, unknown> {
  return {
    name: node.name,
    criSocket,
    kubeletExtraArgs:
      cluster.api === "v1beta3"
        ? { "node-ip": node.address }
        : [{ name: "node-ip", value: node.address }],
    ...(cluster.ignorePreflightErrors.length > 0 && {
      ignorePreflightErrors: [...cluster.ignorePreflightErrors],
    }),
  };
}
