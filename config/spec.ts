import { z } from "zod";

import { dnsLabel, hostOrAddress } from "./primitives";
import { etcd } from "./schema/etcd";
import { type host, node } from "./schema/hosts";
import { containerd, kubernetes } from "./schema/kubernetes";
import { loadBalancer } from "./schema/loadBalancer";
import { mirror } from "./schema/mirror";
import { network } from "./schema/network";
import { ssh } from "./schema/ssh";

/**
 * Everything a stack file says under `kubeadm-ha:`. The schema is the single source of the types, of the validation and
 * of the reference documentation.
 */
export const specSchema = z.strictObject({
  name: dnsLabel
    .optional()
    .describe("Name of the cluster. Default: the stack's name.")
    .meta({ examples: ["prod"] }),
  kubernetes: kubernetes.describe("Kubernetes itself, and what its components are told."),
  containerd: containerd.describe("The container runtime of the nodes."),
  endpoint: hostOrAddress
    .optional()
    .describe(
      "DNS name or address of the API. Default: the virtual IP, or the only balancer's address. Cannot change after founding.",
    )
    .meta({ examples: ["api.example.com"] }),
  ssh: ssh.describe("How Pulumi reaches the hosts."),
  loadBalancer: loadBalancer.describe("What stands in front of the API servers."),
  etcd: etcd.describe("Where etcd runs: on the control planes, or on hosts of its own."),
  controlPlanes: z
    .array(node)
    .min(1)
    .max(7)
    .describe(
      "The control planes. With stacked etcd 1, 3, 5 or 7; the first one founds the cluster.",
    )
    .meta({ examples: [[{ name: "cp1", address: "192.168.1.11" }]] }),
  workers: z
    .array(node)
    .default([])
    .describe("The workers. One that leaves the list is drained, removed and cleaned.")
    .meta({ examples: [[{ name: "w1", address: "192.168.1.21" }]] }),
  network: network.describe("The cluster's networks. They cannot change after founding."),
  mirror: mirror
    .prefault({})
    .describe("Where packages, images and archives come from, when not from upstream."),
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
/** A load balancer that the product builds on hosts. */
export type BuiltBalancerSpec = Extract<LoadBalancerSpec, { readonly hosts: unknown }>;
/** etcd on hosts of its own. */
export type ExternalEtcdSpec = Extract<Spec["etcd"], { readonly topology: "external" }>;
