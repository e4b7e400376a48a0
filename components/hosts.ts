import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

import type { LoadedConfig } from "../config/load";
import type { HostSpec, NodeSpec } from "../config/spec";
import { balancerHostsOf, etcdHostsOf } from "../config/topology";
import { GoneHost, Host, type HostArgs } from "./host";
import { clashes } from "./hostIdentities";
import { missingRoutes } from "./hostRoutes";
import { inBatches } from "./registration/batches";
import type { Role } from "./remote/steps";

/** All hosts of a stack behind one gate: none is changed before every one has been found fit. */
export class Hosts {
  private readonly byName: ReadonlyMap<string, Host>;

  private constructor(
    hosts: readonly Host[],
    /** Every host has been found fit, and all for each other. */
    readonly gate: pulumi.Resource,
  ) {
    this.byName = new Map(hosts.map((host) => [host.name, host]));
  }

  /** Registers what makes each host of a stack ready for its role. */
  static async make(config: LoadedConfig, clusterId: pulumi.Input<string>): Promise<Hosts> {
    const { spec, gone } = config;
    const argsOf =
      (role: Role) =>
      (host: HostSpec | NodeSpec): HostArgs => ({ spec: host, role, config, clusterId });
    const hosts = await inBatches(
      [
        ...balancerHostsOf(spec).map(argsOf("load-balancer")),
        ...etcdHostsOf(spec).map(argsOf("etcd")),
        ...spec.controlPlanes.map(argsOf("control-plane")),
        ...spec.workers.map(argsOf("worker")),
      ],
      (args) => new Host(args),
      (host) => host.preflight,
    );
    // One resource in the middle: edges from every host to every other would grow with the square of their number.
    const gate = new random.RandomId(
      `${spec.name}-gate`,
      // The same for all hosts that are fit; what counts is that it is known when they are fit for each other, too.
      { byteLength: fitTogether(hosts).apply(() => 4) },
      { dependsOn: hosts.map((host) => host.preflight), ignoreChanges: ["*"] },
    );
    await inBatches(
      hosts,
      (host) => host.prepare(gate),
      (prepared) => prepared,
    );
    for (const args of [
      ...gone.loadBalancer.map(argsOf("load-balancer")),
      ...gone.etcd.map(argsOf("etcd")),
      ...gone.controlPlanes.map(argsOf("control-plane")),
      ...gone.workers.map(argsOf("worker")),
    ]) {
      new GoneHost(args, gate);
    }
    return new Hosts(hosts, gate);
  }

  /** The host of an entry of the stack file. */
  get({ name }: Pick<HostSpec, "name">): Host {
    const host = this.byName.get(name);
    if (host === undefined) throw new Error(`no host is called ${name}`);
    return host;
  }

  /** The hosts of several entries, in their order. */
  of(entries: readonly Pick<HostSpec, "name">[]): readonly Host[] {
    return entries.map((entry) => this.get(entry));
  }
}

/** Known when no host looks like another or lacks a route to one; in a preview only where all have been looked at. */
function fitTogether(hosts: readonly Host[]): pulumi.Output<unknown> {
  return pulumi.all(hosts.map(({ preflight }) => preflight.stdout)).apply((printed) => {
    const looks = hosts.map(({ name, role, address }, i) => {
      return { name, role, address, printed: printed[i] ?? "" };
    });
    const found = [clashes(looks), missingRoutes(looks)];
    const again = hosts.flatMap((host) => {
      const doubts = found.map((byHost) => byHost.get(host.name) ?? "").join("");
      return doubts === "" ? [] : [host.lookAgain(doubts).urn];
    });
    return pulumi.all(again);
  });
}
