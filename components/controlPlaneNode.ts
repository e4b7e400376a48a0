import type { remote } from "@pulumi/command";
import type * as pulumi from "@pulumi/pulumi";

import { ClusterNode, type NodeArgs } from "./node";
import { runStep } from "./remote/command";
import { nodeConfiguration } from "./render/kubeadm";

/** What a {@link ControlPlaneNode} needs. */
export interface ControlPlaneArgs extends NodeArgs {
  /** The control plane before this one in the stack file. */
  readonly previous: ControlPlaneNode | undefined;
  /** The members of an external etcd, once all of them are healthy; none with stacked etcd. */
  readonly etcdFormed: readonly remote.Command[];
}

/** A control plane: API server, controller manager, scheduler and, with stacked etcd, an etcd member. */
export class ControlPlaneNode extends ClusterNode {
  /**
   * The node has the stack's component settings; with stacked etcd there are none that may change later.
   *
   * One control plane after the other, whatever the order of their joins: each serves again before the next is changed.
   */
  readonly settled: remote.Command | undefined;

  constructor(args: ControlPlaneArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ControlPlaneNode", args, opts);
    const { previous, cluster, host, etcdFormed } = args;
    const { etcdEndpoints } = cluster.kubeadm;
    this.settled =
      etcdEndpoints === undefined
        ? undefined
        : runStep(
            `${host.name}-version`,
            "version",
            host.target,
            {
              HOST_NAME: host.name,
              ADDRESS: host.address,
              ETCD_ENDPOINTS: etcdEndpoints.join(","),
              NODE_CONFIG: nodeConfiguration(cluster.kubeadm, host),
            },
            {
              parent: this,
              dependsOn: [
                this.joined,
                ...etcdFormed,
                ...(previous?.settled === undefined ? [] : [previous.settled]),
              ],
            },
          );
  }
}

/** Makes control planes in the order of the stack file, each knowing the one before it. */
export function inTurn<T>(
  specs: readonly T[],
  make: (spec: T, previous: ControlPlaneNode | undefined) => ControlPlaneNode,
): ControlPlaneNode[] {
  const nodes: ControlPlaneNode[] = [];
  for (const spec of specs) nodes.push(make(spec, nodes.at(-1)));
  return nodes;
}
