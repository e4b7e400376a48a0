import type * as pulumi from "@pulumi/pulumi";

import { ClusterNode, type NodeArgs } from "./node";

/** A control plane: API server, controller manager, scheduler and, with stacked etcd, an etcd member. */
export class ControlPlaneNode extends ClusterNode {
  constructor(args: NodeArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ControlPlaneNode", args, opts);
  }
}

/**
 * Makes control planes that join one after the other: with stacked etcd each join adds a member, and etcd takes one at a
 * time.
 */
export function inTurn<T>(
  specs: readonly T[],
  make: (spec: T, after: ControlPlaneNode | undefined) => ControlPlaneNode,
): ControlPlaneNode[] {
  const nodes: ControlPlaneNode[] = [];
  for (const spec of specs) nodes.push(make(spec, nodes.at(-1)));
  return nodes;
}
