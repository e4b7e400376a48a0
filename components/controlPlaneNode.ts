import type { remote } from "@pulumi/command";
import type * as pulumi from "@pulumi/pulumi";

import type { EtcdCluster } from "./etcdCluster";
import { ClusterNode, type NodeArgs } from "./node";
import { runStep } from "./remote/command";
import { nodeConfiguration } from "./render/kubeadm";

/** What a {@link ControlPlaneNode} needs. */
export interface ControlPlaneArgs extends NodeArgs {
  /** The control plane before this one in the stack file. */
  readonly previous: ControlPlaneNode | undefined;
  /** An external etcd; none with stacked etcd. */
  readonly etcd: Pick<EtcdCluster, "admitted" | "endpoints" | "formed"> | undefined;
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
    const { previous, cluster, host, etcd } = args;
    this.settled =
      etcd === undefined
        ? undefined
        : runStep(
            `${host.name}-version`,
            "version",
            host.target,
            {
              HOST_NAME: host.name,
              ADDRESS: host.address,
              ETCD_ENDPOINTS: etcd.endpoints.join(","),
              NODE_CONFIG: nodeConfiguration(cluster.kubeadm, host),
              // Members that came in a run which did not end, and then left the stack file, change nothing else here.
              LEAVING: etcd.admitted.stdout,
            },
            {
              parent: this,
              dependsOn: [
                this.joined,
                ...etcd.formed,
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
