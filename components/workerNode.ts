import type * as pulumi from "@pulumi/pulumi";

import { ClusterNode, type NodeArgs } from "./node";

/** A worker: it joins as soon as the cluster admits it, beside all others. */
export class WorkerNode extends ClusterNode {
  constructor(args: NodeArgs, opts?: pulumi.ComponentResourceOptions) {
    args.host.entrust("trust-worker", args.cluster.workerTrust);
    super("WorkerNode", args, opts);
  }
}
