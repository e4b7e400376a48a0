import type * as pulumi from "@pulumi/pulumi";

import type { LoadedConfig } from "../config/load";
import type { HostSpec, Spec } from "../config/spec";
import { endpointOf, nodesOf } from "../config/topology";
import type { StepInputs } from "./remote/command";
import type { Role } from "./remote/steps";
import { aptKeyUrl, aptSource } from "./render/apt";
import { containerdConfig, registryMirror } from "./render/containerd";
import { hostsEntries } from "./render/hostsEntries";
import { apiServerPort } from "./render/kubeadm";

/** What a host must have for a role. */
export interface Requirements {
  /** TCP ports that must be free. */
  readonly ports: readonly number[];
  readonly cpus: number;
  readonly memoryMib: number;
  /** Free space in /var/lib. */
  readonly diskMib: number;
}

/**
 * The minimum for a role. CPU and memory of a control plane are kubeadm's own preflight limits; ports are those of
 * kubernetes.io, "Ports and Protocols".
 */
export function requirements(role: Role, spec: Spec): Requirements {
  switch (role) {
    case "load-balancer":
      return { ports: [spec.loadBalancer.port], cpus: 1, memoryMib: 128, diskMib: 512 };
    case "control-plane":
      return {
        ports: [apiServerPort, 2379, 2380, 10250, 10257, 10259],
        cpus: 2,
        memoryMib: 1700,
        diskMib: 4096,
      };
    case "worker":
      return { ports: [10250, 10256], cpus: 1, memoryMib: 700, diskMib: 4096 };
  }
}

/** The preparation a role needs, with its parameters. */
export type PrepareParameters =
  | { readonly step: "prepare-balancer"; readonly inputs: StepInputs<"prepare-balancer"> }
  | { readonly step: "prepare-node"; readonly inputs: StepInputs<"prepare-node"> };

/** The host and the stack a preparation is for. */
export interface PrepareContext {
  readonly spec: HostSpec;
  readonly role: Role;
  readonly config: LoadedConfig;
  readonly clusterId: pulumi.Input<string>;
}

/** Packages that the product's own steps, the kubelet and kube-proxy use on a node, beside Kubernetes' own. */
const nodePackages = [
  "ca-certificates",
  "conntrack",
  "curl",
  "ethtool",
  "iptables",
  "jq",
  "kmod",
  "openssl",
  "socat",
];
const balancerPackages = ["ca-certificates", "curl", "haproxy", "socat"];

/** Which of kubeadm's images a role runs: CoreDNS may be scheduled anywhere. */
const workerImages = ["coredns", "kube-proxy", "pause"];
const controlPlaneImages = [
  ...workerImages,
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
];

/** The parameters of a host's preparation: packages, runtime and images of its role. */
export function prepareParameters(context: PrepareContext): PrepareParameters {
  const { role, config } = context;
  const { spec } = config;
  const base = baseParameters(context);
  if (role === "load-balancer") {
    return { step: "prepare-balancer", inputs: { ...base, PACKAGES: balancerPackages.join(" ") } };
  }
  const { cni } = spec.network;
  const images = role === "control-plane" ? controlPlaneImages : workerImages;
  return {
    step: "prepare-node",
    inputs: {
      ...base,
      KUBERNETES_VERSION: spec.kubernetes.version,
      PACKAGES: nodePackages.join(" "),
      CONTAINERD_PACKAGE: spec.containerd.package,
      REGISTRY_MIRROR: spec.mirror.images === undefined ? "" : registryMirror(spec.mirror.images),
      KUBEADM_IMAGES: images.join("|"),
      IMAGES: cni.plugin === "flannel" ? [cni.image, cni.cniPluginImage].join("\n") : "",
      CONTAINERD_CONFIG: containerdConfig(spec.containerd.settings),
    },
  };
}

function baseParameters({ spec: host, role, config, clusterId }: PrepareContext) {
  const { spec, aptKey } = config;
  const { apt } = spec.mirror;
  return {
    HOST_NAME: host.name,
    ROLE: role,
    CLUSTER_ID: clusterId,
    GENERATION: String(host.generation),
    APT_SOURCE: aptSource(apt, spec.kubernetes.version),
    APT_KEY: aptKey ?? "",
    APT_KEY_URL: aptKeyUrl(apt, spec.kubernetes.version),
    APT_MIRROR_ONLY: apt === undefined ? "no" : "yes",
    HOSTS_ENTRIES: spec.network.hostsEntries ? hostsEntries(entriesOf(spec)) : "",
  } as const;
}

/** The endpoint, where it is a name, at every balancer; and each node. */
function entriesOf(spec: Spec): { name: string; address: string }[] {
  const { host } = endpointOf(spec);
  const balancers = spec.loadBalancer.hosts.map(({ address }) => ({ name: host, address }));
  const isName = !/^[\d.]+$/.test(host);
  return [
    ...(isName ? balancers : []),
    ...nodesOf(spec).map(({ name, address }) => ({ name, address })),
  ];
}
