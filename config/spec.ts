import { z } from "zod";

import {
  cidr,
  dnsLabel,
  dnsName,
  fragment,
  hostOrAddress,
  httpUrl,
  ipv4,
  labelKey,
  labelValue,
  linuxUser,
  localPath,
  port,
} from "./primitives";

/** How one host is reached by SSH, where it differs from the stack's `ssh`. */
const hostSsh = z.strictObject({
  host: hostOrAddress.optional().describe("Where to dial. Default: the host's `address`."),
  port: port.optional().describe("Default: the stack's `ssh.port`."),
  user: linuxUser.optional().describe("Default: the stack's `ssh.user`."),
  hostKey: z
    .string()
    .regex(/^ssh-ed25519 [A-Za-z0-9+/=]+$/, "must be one line such as `ssh-ed25519 AAAA…`")
    .optional()
    .describe("The host's public ed25519 key. Default: looked up in `ssh.knownHosts`."),
});

const hostShape = {
  name: dnsLabel.describe("The host's name; for a cluster node also the name of its Node."),
  address: ipv4.describe("The address other hosts use: node IP, advertise address, etcd peer."),
  ssh: hostSsh.optional().describe("How to reach this host, where it differs from `ssh`."),
  generation: z
    .int()
    .min(1)
    .default(1)
    .describe("Raise it when the machine was made anew under the same SSH host key."),
};

const host = z.strictObject(hostShape);

const taint = z.strictObject({
  key: labelKey,
  value: labelValue.default(""),
  effect: z.enum(["NoSchedule", "PreferNoSchedule", "NoExecute"]),
});

const node = z.strictObject({
  ...hostShape,
  zone: labelValue.optional().describe("Sets the label topology.kubernetes.io/zone."),
  labels: z.record(labelKey, labelValue).default({}).describe("Labels of the Node."),
  taints: z.array(taint).default([]).describe("Taints of the Node, beside kubeadm's own."),
});

const kubernetes = z.strictObject({
  version: z
    .string()
    .regex(/^1\.\d+\.\d+$/, "must be an exact version such as 1.37.2, without a leading v")
    .describe("The exact Kubernetes version of kubeadm, kubelet, kubectl and the control plane."),
  cluster: fragment.default({}).describe("Merged into kubeadm's ClusterConfiguration."),
  kubelet: fragment.default({}).describe("Merged into the KubeletConfiguration of all nodes."),
  kubeProxy: fragment.default({}).describe("Merged into the KubeProxyConfiguration."),
  ignorePreflightErrors: z
    .array(z.string().regex(/^[A-Za-z0-9-]+$/, "must be the name of a kubeadm preflight check"))
    .default([])
    .describe("Names of kubeadm preflight checks whose errors become warnings."),
});

const containerd = z
  .strictObject({
    package: z
      .enum(["containerd", "containerd.io"])
      .default("containerd")
      .describe("The package that brings containerd: the distribution's or Docker's."),
    settings: fragment
      .default({})
      .describe("Merged into the CRI plugin's table of containerd's configuration."),
  })
  .prefault({});

const ssh = z.strictObject({
  user: linuxUser.describe("Login user; root, or a user with password-less sudo."),
  port: port.default(22),
  privateKeyFile: localPath
    .optional()
    .describe("File with the private key. Alternatives: the secret `sshPrivateKey`, or `agent`."),
  agent: z
    .boolean()
    .default(false)
    .describe("Use the keys of the SSH agent at $SSH_AUTH_SOCK instead of a private key."),
  knownHosts: localPath
    .default("~/.ssh/known_hosts")
    .describe("known_hosts file with the hosts' ed25519 keys; hashed lines are understood."),
  checkHostKeys: z
    .boolean()
    .default(true)
    .describe(
      "false accepts any host key: whoever answers at the address gets the cluster's keys.",
    ),
  bastion: z
    .strictObject({
      host: hostOrAddress,
      port: port.default(22),
      user: linuxUser.optional().describe("Default: `ssh.user`."),
    })
    .optional()
    .describe("A jump host through which all hosts are reached, with the same key."),
});

const haproxy = z.strictObject({
  kind: z.literal("haproxy"),
  hosts: z.array(host).min(1).describe("Dedicated balancer hosts."),
  port: port.default(6443).describe("Port on which the balancers listen for the Kubernetes API."),
  check: z
    .strictObject({
      intervalMs: z.int().min(100).max(60_000).default(1000).describe("Time between checks."),
      fall: z.int().min(1).max(10).default(2).describe("Failed checks until a server is down."),
      rise: z.int().min(1).max(10).default(2).describe("Good checks until a server is up again."),
    })
    .prefault({})
    .describe("The health check of the API servers (`/readyz` over TLS)."),
});

/** Later kinds (nginx, existing) join this union; `kind` tells them apart. */
const loadBalancer = z.discriminatedUnion("kind", [haproxy], {
  error: "kind must be haproxy (nginx and existing are planned)",
});

const stackedEtcd = z.strictObject({ topology: z.literal("stacked") });

/** The external topology joins this union; `topology` tells them apart. */
const etcd = z
  .discriminatedUnion("topology", [stackedEtcd], {
    error: "topology must be stacked (external is planned)",
  })
  .default({ topology: "stacked" });

const imageReference = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._:/-]*:[A-Za-z0-9._-]+$/, "must be an image with a tag");

const flannel = z.strictObject({
  plugin: z.literal("flannel"),
  backend: z
    .enum(["vxlan", "host-gw"])
    .default("vxlan")
    .describe("host-gw is faster and needs all nodes in one layer-2 network."),
  image: imageReference.default("ghcr.io/flannel-io/flannel:v0.28.10"),
  cniPluginImage: imageReference.default("ghcr.io/flannel-io/flannel-cni-plugin:v1.9.1-flannel1"),
});

const cni = z
  .discriminatedUnion(
    "plugin",
    [
      flannel,
      z.strictObject({ plugin: z.literal("manifest"), file: localPath }),
      z.strictObject({ plugin: z.literal("none") }),
    ],
    { error: "plugin must be flannel, manifest (with a file) or none" },
  )
  .prefault({ plugin: "flannel" });

const network = z
  .strictObject({
    podSubnet: cidr.default("10.244.0.0/16"),
    serviceSubnet: cidr.default("10.96.0.0/12"),
    dnsDomain: dnsName.default("cluster.local"),
    cni,
    hostsEntries: z
      .boolean()
      .default(false)
      .describe("Write the names of the endpoint and of all nodes into every host's /etc/hosts."),
  })
  .prefault({});

const mirror = z.strictObject({
  apt: z
    .strictObject({
      url: httpUrl,
      suite: z
        .string()
        .regex(/^[A-Za-z0-9./_-]+$/)
        .default("./"),
      components: z.array(z.string().regex(/^[A-Za-z0-9./_-]+$/)).default([]),
      keyFile: localPath.describe("The repository's public key, ASCII-armoured."),
    })
    .optional()
    .describe("One apt repository with all packages: Kubernetes' and the distribution's."),
  images: httpUrl.optional().describe("Registry that serves all images under their own paths."),
});

/**
 * Everything a stack file says under `kubeadm-ha:`. The schema is the single source of the types, of the validation and
 * of the reference documentation.
 */
export const specSchema = z.strictObject({
  name: dnsLabel.optional().describe("Name of the cluster. Default: the stack's name."),
  kubernetes,
  containerd,
  endpoint: hostOrAddress
    .optional()
    .describe(
      "DNS name or address of the API. Default: the only balancer's address. Cannot change after founding.",
    ),
  ssh,
  loadBalancer,
  etcd,
  controlPlanes: z.array(node).min(1).max(7),
  workers: z.array(node).default([]),
  network,
  mirror: mirror.prefault({}),
  loginUserKubeconfig: z
    .boolean()
    .default(true)
    .describe("Put an administrator's ~/.kube/config in the login user's home on control planes."),
});

/** A stack file as the user writes it: defaults left out. */
export type SpecInput = z.input<typeof specSchema>;
/** The validated configuration with all defaults applied. */
export type Spec = z.output<typeof specSchema>;
/** A host that is not a cluster node, such as a load balancer. */
export type HostSpec = z.output<typeof host>;
/** A control plane or a worker. */
export type NodeSpec = z.output<typeof node>;
/** Pod network. */
export type CniSpec = Spec["network"]["cni"];
/** Where packages and images come from, when not from upstream. */
export type MirrorSpec = Spec["mirror"];
/** What the load balancer is. */
export type LoadBalancerSpec = Spec["loadBalancer"];
