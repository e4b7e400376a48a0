/** A release of Kubernetes in the lab, with the tags that its kubeadm wants for what goes with it. */
export interface KubernetesRelease {
  /** Such as "1.37.2". Its sources are in programs/kubernetes/<version>. */
  readonly version: string;
  /** Tags of the images that `kubeadm config images list` names. */
  readonly tags: { readonly etcd: string; readonly coredns: string; readonly pause: string };
}

/** All releases that the lab builds. A further one is a further entry here and its folder of sources. */
export const kubernetesReleases: readonly KubernetesRelease[] = [
  { version: "1.37.2", tags: { etcd: "3.7.0-0", coredns: "v1.14.6", pause: "3.10.2" } },
];

/** What else the lab builds, in the versions of the go.mod files in programs/. */
export const versions = {
  etcd: "3.7.3",
  coredns: "1.14.6",
  cniPlugins: "1.9.1",
  flannel: "0.28.10",
  /** Only for judging configuration files of API version v1beta3. */
  oldKubeadm: "1.30.14",
} as const;
