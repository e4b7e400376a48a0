import type { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

import type { LoadBalancerSpec } from "../config/spec";
import type { Host } from "./host";
import { runStep } from "./remote/command";
import { haproxyBackend, haproxyConfig, type Backend } from "./render/haproxy";

/** What a {@link LoadBalancer} needs. */
export interface LoadBalancerArgs {
  readonly balancer: LoadBalancerSpec;
  /** The balancer hosts, in the order of the stack file. */
  readonly hosts: readonly Host[];
  /** All API servers, also those that are still to join. */
  readonly backends: readonly Backend[];
  /** The cluster's CA: only API servers whose certificate it issued are healthy. */
  readonly caCertificate: pulumi.Input<string>;
}

/**
 * The load balancer in front of the API servers. Its hosts are configured one after the other, so that a change never
 * takes all of them down at once.
 */
export class LoadBalancer extends pulumi.ComponentResource {
  /** Configured, and answering on its port; whoever needs the endpoint depends on these. */
  readonly configured: readonly remote.Command[];

  private readonly args: LoadBalancerArgs;

  constructor(name: string, args: LoadBalancerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kubeadm-ha:index:LoadBalancer", name, {}, opts);
    this.args = args;
    const configured: remote.Command[] = [];
    for (const host of args.hosts) configured.push(this.configure(host, configured.at(-1)));
    this.configured = configured;
    this.registerOutputs();
  }

  /**
   * Proves, after the joins, that every balancer's own health check sees every API server up.
   *
   * @param uids the control planes' Node UIDs: one that joined again is verified again.
   */
  verify(
    uids: readonly pulumi.Output<string>[],
    joins: readonly remote.Command[],
  ): remote.Command[] {
    return this.args.hosts.map((host) =>
      runStep(
        `${host.name}-verify`,
        "verify-haproxy",
        host.target,
        {
          HOST_NAME: host.name,
          BACKEND: haproxyBackend,
          SERVERS: this.args.backends.map(({ name }) => name).join(" "),
          JOINED: pulumi.all([...uids]).apply((all) => all.join(" ")),
        },
        { parent: this, dependsOn: [...this.configured, ...joins] },
      ),
    );
  }

  private configure(host: Host, previous: remote.Command | undefined): remote.Command {
    const { balancer, backends, caCertificate } = this.args;
    return runStep(
      `${host.name}-configure`,
      "configure-haproxy",
      host.target,
      {
        HOST_NAME: host.name,
        PORT: String(balancer.port),
        CA_CERTIFICATE: caCertificate,
        HAPROXY_CONFIG: haproxyConfig(balancer, backends),
      },
      { parent: this, dependsOn: [host.prepared, ...(previous === undefined ? [] : [previous])] },
    );
  }
}
