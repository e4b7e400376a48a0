import type * as pulumi from "@pulumi/pulumi";

import type { LoadedConfig } from "../config/load";
import { nginxHealthPort } from "../config/ports";
import type { BuiltBalancerSpec, HostSpec, Spec } from "../config/spec";
import {
  balancerHostsOf,
  builtBalancerOf,
  endpointOf,
  etcdVersionOf,
  nodesOf,
} from "../config/topology";
import type { StepInputs } from "./remote/command";
import type { Role, StepParameters } from "./remote/steps";
import { aptKeyUrl, aptSource } from "./render/apt";
import { containerdConfig, registryMirror } from "./render/containerd";
import { etcdPorts } from "./render/etcd";
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

/** The kubelet's, for its health, which kubeadm waits for, and for the API server; and kube-proxy's. */
const nodePorts = [10248, 10250, 10256] as const;

/** The balancer's own, and where it answers for itself. */
function balancerPorts(spec: Spec): readonly number[] {
  const balancer = builtBalancerOf(spec);
  if (balancer === undefined) return [];
  return [balancer.port, balancer.kind === "haproxy" ? balancer.metrics.port : nginxHealthPort];
}

/**
 * The minimum for a role. CPU and memory of a control plane are kubeadm's own preflight limits; ports are those of
 * kubernetes.io, "Ports and Protocols".
 */
export function requirements(role: Role, spec: Spec): Requirements {
  switch (role) {
    case "load-balancer":
      return { ports: balancerPorts(spec), cpus: 1, memoryMib: 128, diskMib: 512 };
    case "etcd":
      return { ports: Object.values(etcdPorts), cpus: 1, memoryMib: 512, diskMib: 2048 };
    case "control-plane":
      return {
        ports: [
          apiServerPort,
          ...(spec.etcd.topology === "stacked" ? Object.values(etcdPorts) : []),
          ...nodePorts,
          10257,
          10259,
        ],
        cpus: 2,
        memoryMib: 1700,
        diskMib: 4096,
      };
    case "worker":
      return { ports: nodePorts, cpus: 1, memoryMib: 700, diskMib: 4096 };
  }
}

/**
 * How a host of a role sees, before anything is installed, whether it reaches the API's endpoint. A virtual IP is on nobody
 * yet: there has to be a route to it.
 *
 * All else that a host must reach are peers, which come and go: their routes are compared at the gate, so that no host's
 * coming makes the preflights of others run again.
 */
export function reachOf(
  role: Role,
  spec: Spec,
): Pick<StepParameters["preflight"], "REACH" | "DOUBTS"> {
  const balancer = builtBalancerOf(spec);
  const isNode = role === "control-plane" || role === "worker";
  const { host, port } = endpointOf(spec);
  // An existing balancer without servers may do as it likes, and a name may lead to several.
  if (!isNode || balancer === undefined || !/^[\d.]+$/.test(host)) return { REACH: "", DOUBTS: "" };
  return host === balancer.virtualIp
    ? { REACH: "", DOUBTS: `peer ${host} the API's endpoint\n` }
    : { REACH: `${host} ${port}`, DOUBTS: "" };
}

/** The preparation a role needs, with its parameters. */
export type PrepareParameters =
  | { readonly step: "prepare-balancer"; readonly inputs: StepInputs<"prepare-balancer"> }
  | { readonly step: "prepare-etcd"; readonly inputs: StepInputs<"prepare-etcd"> }
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
const balancerPackages = ["ca-certificates", "curl", "iproute2", "openssl", "socat"];
const balancerPrograms: Readonly<Record<BuiltBalancerSpec["kind"], readonly string[]>> = {
  haproxy: ["haproxy"],
  nginx: ["nginx", "libnginx-mod-stream"],
};
const etcdPackages = ["ca-certificates", "curl", "jq", "openssl"];

/** Upstream's release archives. */
const etcdReleases = "https://github.com/etcd-io/etcd/releases/download";

/** Which of kubeadm's images a role runs: CoreDNS may be scheduled anywhere. */
const workerImages = ["coredns", "kube-proxy", "pause"];
const controlPlaneImages = ({ etcd }: Spec): readonly string[] => [
  ...workerImages,
  ...(etcd.topology === "stacked" ? ["etcd"] : []),
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
];

/** The parameters of a host's preparation: packages, runtime and images of its role. */
export function prepareParameters(context: PrepareContext): PrepareParameters {
  const { role, config } = context;
  const { spec } = config;
  const base = baseParameters(context);
  switch (role) {
    case "load-balancer":
      return { step: "prepare-balancer", inputs: { ...base, ...balancerParameters(spec) } };
    case "etcd":
      return { step: "prepare-etcd", inputs: { ...base, ...etcdParameters(config) } };
    case "control-plane":
    case "worker":
      return { step: "prepare-node", inputs: { ...base, ...nodeParameters(role, spec) } };
  }
}

function balancerParameters(spec: Spec) {
  const balancer = builtBalancerOf(spec);
  if (balancer === undefined) throw new Error("a host is a balancer of a stack that builds none");
  const programs = [
    ...balancerPrograms[balancer.kind],
    ...(balancer.virtualIp === undefined ? [] : ["keepalived"]),
  ];
  // The packet filter keeps foreign VRRP out.
  const filter = balancer.virtualIp === undefined ? [] : ["nftables"];
  return {
    PACKAGES: [...balancerPackages, ...programs, ...filter].join(" "),
    SERVICES: programs.filter((name) => !name.startsWith("lib")).join(" "),
  };
}

function etcdParameters({ spec, etcdChecksums }: LoadedConfig) {
  const { etcd, mirror } = spec;
  if (etcd.topology === "stacked") throw new Error("a host is for an etcd that the stack has not");
  return {
    PACKAGES: etcdPackages.join(" "),
    ETCD_VERSION: etcdVersionOf(spec, etcd),
    ETCD_SOURCE: mirror.files === undefined ? etcdReleases : `${mirror.files}/etcd`,
    SHA256_AMD64: etcdChecksums.amd64 ?? "",
    SHA256_ARM64: etcdChecksums.arm64 ?? "",
  };
}

function nodeParameters(role: "control-plane" | "worker", spec: Spec) {
  const { cni } = spec.network;
  const images = role === "control-plane" ? controlPlaneImages(spec) : workerImages;
  return {
    KUBERNETES_VERSION: spec.kubernetes.version,
    PACKAGES: nodePackages.join(" "),
    CONTAINERD_PACKAGE: spec.containerd.package,
    REGISTRY_MIRROR: spec.mirror.images === undefined ? "" : registryMirror(spec.mirror.images),
    KUBEADM_IMAGES: images.join("|"),
    IMAGES: cni.plugin === "flannel" ? [cni.image, cni.cniPluginImage].join("\n") : "",
    CONTAINERD_CONFIG: containerdConfig(spec.containerd.settings),
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

/** The endpoint, where it is a name: at the virtual IP, or at every balancer; and each node. */
function entriesOf(spec: Spec): { name: string; address: string }[] {
  const { host } = endpointOf(spec);
  const virtualIp = builtBalancerOf(spec)?.virtualIp;
  const addresses =
    virtualIp === undefined ? balancerHostsOf(spec).map(({ address }) => address) : [virtualIp];
  const balancers = addresses.map((address) => ({ name: host, address }));
  const isName = !/^[\d.]+$/.test(host);
  return [
    ...(isName ? balancers : []),
    ...nodesOf(spec).map(({ name, address }) => ({ name, address })),
  ];
}
