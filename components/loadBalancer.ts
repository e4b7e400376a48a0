import type { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

import type { BuiltBalancerSpec } from "../config/spec";
import type { Host } from "./host";
import { runStep } from "./remote/command";
import type { EtcdTopology } from "./remote/steps";
import { balancerCheck } from "./render/balancerCheck";
import { haproxyBackend, haproxyConfig, type Backend } from "./render/haproxy";
import { keepalivedConfig } from "./render/keepalived";
import { nginxConfig } from "./render/nginx";

/** What a {@link LoadBalancer} needs. */
export interface LoadBalancerArgs {
  /** `undefined` where a load balancer exists already: then nothing is built. */
  readonly balancer: BuiltBalancerSpec | undefined;
  /** The balancer hosts, in the order of the stack file. */
  readonly hosts: readonly Host[];
  /** All API servers, also those that are still to join. */
  readonly backends: readonly Backend[];
  /** The cluster's CA: only API servers whose certificate it issued are healthy. */
  readonly caCertificate: pulumi.Input<string>;
  readonly etcdTopology: EtcdTopology;
}

/**
 * The load balancer in front of the API servers, and the virtual IP that moves between its hosts. These are configured one
 * after the other, so that a change never takes all of them down at once.
 */
export class LoadBalancer extends pulumi.ComponentResource {
  /** Configured, and answering on its port; whoever needs the endpoint depends on these. */
  readonly configured: readonly remote.Command[];

  private readonly args: LoadBalancerArgs;

  constructor(name: string, args: LoadBalancerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kubeadm-ha:index:LoadBalancer", name, {}, opts);
    this.args = args;
    const configured: remote.Command[] = [];
    const { balancer, hosts } = args;
    if (balancer !== undefined) {
      hosts.forEach((host, position) => {
        configured.push(this.configure(balancer, host, position, configured.at(-1)));
      });
    }
    this.configured = configured;
    this.registerOutputs();
  }

  /**
   * Proves, after the joins, that every balancer reaches every API server, and that the virtual IP leads to them.
   *
   * @param uids the control planes' Node UIDs: one that joined again is verified again.
   */
  verify(
    uids: readonly pulumi.Output<string>[],
    joins: readonly remote.Command[],
  ): remote.Command[] {
    const { balancer, hosts, backends } = this.args;
    if (balancer === undefined) return [];
    return hosts.map((host) =>
      runStep(
        `${host.name}-verify`,
        "verify-balancer",
        host.target,
        {
          HOST_NAME: host.name,
          KIND: balancer.kind,
          PORT: String(balancer.port),
          BACKEND: haproxyBackend,
          SERVERS: backends.map(({ name, address }) => `${name} ${address}\n`).join(""),
          JOINED: pulumi.all([...uids]).apply((all) => all.join(" ")),
          VIRTUAL_IP: balancer.virtualIp ?? "",
        },
        { parent: this, dependsOn: [...this.configured, ...joins] },
      ),
    );
  }

  private configure(
    balancer: BuiltBalancerSpec,
    host: Host,
    position: number,
    previous: remote.Command | undefined,
  ): remote.Command {
    const { backends, caCertificate, etcdTopology } = this.args;
    return runStep(
      `${host.name}-configure`,
      "configure-balancer",
      host.target,
      {
        HOST_NAME: host.name,
        ADDRESS: host.address,
        KIND: balancer.kind,
        PORT: String(balancer.port),
        CA_CERTIFICATE: caCertificate,
        BALANCER_CONFIG:
          balancer.kind === "haproxy"
            ? haproxyConfig(balancer, backends, { etcdTopology })
            : nginxConfig(balancer, backends),
        BALANCER_CHECK: balancerCheck(balancer),
        VIRTUAL_IP: balancer.virtualIp ?? "",
        KEEPALIVED_CONFIG: this.keepalived(balancer, position),
      },
      { parent: this, dependsOn: [host.prepared, ...(previous === undefined ? [] : [previous])] },
    );
  }

  private keepalived({ virtualIp, vrrp }: BuiltBalancerSpec, position: number): string {
    const own = this.args.hosts[position];
    if (virtualIp === undefined || own === undefined) return "";
    return keepalivedConfig({
      ...vrrp,
      virtualIp,
      own,
      peers: this.args.hosts.filter((host) => host !== own),
      position,
      balancerCount: this.args.hosts.length,
    });
  }
}
