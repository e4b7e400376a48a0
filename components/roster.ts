import type { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";

import { addressIn } from "../config/primitives";
import type { NodeSpec, Spec } from "../config/spec";
import type { Cluster } from "./cluster";
import type { Host } from "./host";
import type { ClusterNode } from "./node";
import { runProgram } from "./remote/command";

/** What a {@link Roster} needs. */
export interface RosterArgs {
  readonly spec: Spec;
  readonly cluster: Cluster;
  /** The control plane on which steps for the whole cluster run. */
  readonly founder: Host;
  readonly nodes: readonly ClusterNode[];
  /** The proof of an external etcd's health, which prints its members' ids; none with stacked etcd. */
  readonly etcd: remote.Command | undefined;
}

const summarySchema = z.strictObject({
  nodes: z.int(),
  controlPlanes: z.int(),
  etcdMembers: z.int(),
  podNetwork: z.boolean(),
});

/** What the last verification saw. */
export type HealthSummary = z.output<typeof summarySchema>;

/** kubeadm's CoreDNS Service has the tenth address of the service subnet. */
const dnsAddressIndex = 10;

/**
 * After the joins: makes Nodes and etcd members equal to the configuration, then proves that the cluster works. The run
 * fails if it does not.
 */
export class Roster extends pulumi.ComponentResource {
  readonly verified: remote.Command;
  /** Small and checked before it is made public. */
  readonly summary: pulumi.Output<HealthSummary>;

  constructor(name: string, args: RosterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kubeadm-ha:index:Roster", name, {}, opts);
    const { spec, cluster, founder, nodes, etcd } = args;
    const joins = nodes.map((node) => node.joined);
    const uids = pulumi.all(nodes.map((node) => node.uid));
    const lines = (line: (node: ClusterNode, uid: string) => string): pulumi.Output<string> =>
      uids.apply((all) => nodes.map((node, i) => `${line(node, all[i] ?? "")}\n`).join(""));

    const roster = runProgram(
      `${name}-roster`,
      "roster",
      founder.target,
      {
        HOST_NAME: founder.name,
        ETCD_TOPOLOGY: cluster.etcdTopology,
        NODES: lines((node, uid) =>
          [node.spec.name, uid, labelsOf(node.spec), taintsOf(node.spec)].join(" "),
        ),
        // Who joined in a run that failed before the roster, and then left the stack file, changes nothing else here.
        LEAVING: cluster.admitted.stdout,
      },
      {
        parent: this,
        dependsOn: [...joins, ...(cluster.addons === undefined ? [] : [cluster.addons])],
      },
    );
    this.verified = runProgram(
      `${name}-verify`,
      "verify",
      founder.target,
      {
        HOST_NAME: founder.name,
        KUBERNETES_VERSION: spec.kubernetes.version,
        ENDPOINT: cluster.kubeadm.endpoint,
        DNS_ADDRESS: addressIn(spec.network.serviceSubnet, dnsAddressIndex),
        DNS_DOMAIN: spec.network.dnsDomain,
        POD_NETWORK: spec.network.cni.plugin === "none" ? "none" : "verify",
        NODES: lines(({ host }, uid) => [host.name, host.role, host.address, uid].join(" ")),
        LEAVING: cluster.admitted.stdout,
        ETCD_MEMBERS: etcd?.stdout ?? "",
      },
      {
        parent: this,
        dependsOn: [roster, ...(etcd === undefined ? [] : [etcd])],
        publicOutput: true,
      },
    );
    this.summary = this.verified.stdout.apply(parseSummary);
    this.registerOutputs({ summary: this.summary });
  }
}

function labelsOf(node: NodeSpec): string {
  const labels = {
    ...(node.zone !== undefined && { "topology.kubernetes.io/zone": node.zone }),
    ...node.labels,
  };
  return list(Object.entries(labels).map(([key, value]) => `${key}=${value}`));
}

function taintsOf(node: NodeSpec): string {
  return list(node.taints.map(({ key, value, effect }) => `${key}=${value}:${effect}`));
}

/** Sorted, so that the order in the stack file means nothing; `-` for none, because blanks part the fields. */
function list(entries: readonly string[]): string {
  return entries.length === 0 ? "-" : [...entries].sort().join(",");
}

function parseSummary(text: string): HealthSummary {
  const parsed = summarySchema.safeParse(JSON.parse(text));
  if (!parsed.success) throw new Error("the verify step printed something else than its summary");
  return parsed.data;
}
