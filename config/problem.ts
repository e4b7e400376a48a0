import type { HostSpec, Spec } from "./spec";
import { balancerHostsOf, etcdHostsOf } from "./topology";

/** One thing that is wrong with a stack file. */
export interface Problem {
  /** Where, as the user would write it: `controlPlanes[1].address`. */
  readonly path: string;
  /** What is wrong and what to do. */
  readonly message: string;
}

/** A spec's hosts with the path under which each stands in the stack file. */
export function hostsWithPaths(spec: Spec): readonly (readonly [path: string, host: HostSpec])[] {
  const under = (path: string, hosts: readonly HostSpec[]) =>
    hosts.map((host, i) => [`${path}[${i}]`, host] as const);
  return [
    ...under("loadBalancer.hosts", balancerHostsOf(spec)),
    ...under("etcd.hosts", etcdHostsOf(spec)),
    ...under("controlPlanes", spec.controlPlanes),
    ...under("workers", spec.workers),
  ];
}
