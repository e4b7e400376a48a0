import type { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

import type { NodeSpec } from "../config/spec";
import type { Cluster } from "./cluster";
import type { Host } from "./host";
import { runStep } from "./remote/command";
import { joinConfiguration } from "./render/kubeadm";

/** What a {@link ControlPlaneNode} or a {@link WorkerNode} needs. */
export interface NodeArgs {
  readonly spec: NodeSpec;
  readonly host: Host;
  readonly cluster: Cluster;
  /** Whose ~/.kube/config to write on a control plane; nobody's by default. */
  readonly kubeconfigUser?: string;
}

/** A member of the cluster. */
export abstract class ClusterNode extends pulumi.ComponentResource {
  readonly spec: NodeSpec;
  readonly host: Host;
  /** The join, which is a no-op on a host that is a member already. */
  readonly joined: remote.Command;
  /** The Node's UID: a new one means that the host joined anew. */
  readonly uid: pulumi.Output<string>;

  protected constructor(type: string, args: NodeArgs, opts?: pulumi.ComponentResourceOptions) {
    const { spec, host, cluster } = args;
    super(`kubeadm-ha:index:${type}`, spec.name, {}, opts);
    this.spec = spec;
    this.host = host;
    const role = host.role === "control-plane" ? "control-plane" : "worker";
    this.joined = runStep(
      `${spec.name}-join`,
      "join",
      host.target,
      {
        HOST_NAME: host.name,
        ROLE: role,
        ADDRESS: host.address,
        GENERATION: String(host.generation),
        CLUSTER_ID: cluster.clusterId,
        ENDPOINT: cluster.kubeadm.endpoint,
        KUBECONFIG_USER: args.kubeconfigUser ?? "",
        KUBEADM_CONFIG: joinConfiguration(cluster.kubeadm, host, role, joinKubeconfigPath),
        ETCD_TOPOLOGY: cluster.etcdTopology,
      },
      {
        parent: this,
        dependsOn: [host.trusted, cluster.admitted],
        publicOutput: true,
      },
    );
    this.uid = this.joined.stdout;
    this.registerOutputs();
  }
}

/** Where the trust step puts the join credential (components/scripts/shared/node.sh). */
const joinKubeconfigPath = "/var/lib/kubeadm-ha/join.conf";
