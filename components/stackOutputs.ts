import type * as pulumi from "@pulumi/pulumi";

import type { HealthSummary } from "./roster";

/** What `pulumi stack output` shows. */
export interface StackOutputs {
  /** Where the Kubernetes API is reached: `https://host:port`. */
  readonly endpoint: string;
  /** An administrator's kubeconfig (secret): `pulumi stack output --show-secrets kubeconfig`. */
  readonly kubeconfig: pulumi.Output<string>;
  /** The cluster's nodes and their addresses. */
  readonly nodes: readonly { readonly name: string; readonly address: string }[];
  /** Where an external etcd serves the API servers; empty with stacked etcd. */
  readonly etcdEndpoints: readonly string[];
  /** What the last verification saw. */
  readonly health: pulumi.Output<HealthSummary>;
}
