import type { HostSpec, Spec } from "./spec";
import { balancerHostsOf, etcdHostsOf } from "./topology";

/** Machines that are gone for ever, by the list of the stack file that still names them. */
export interface GoneHosts {
  readonly loadBalancer: readonly HostSpec[];
  readonly etcd: readonly HostSpec[];
  readonly controlPlanes: readonly HostSpec[];
  readonly workers: readonly HostSpec[];
}

/** Parts a stack file into what the cluster is to be and the machines that are gone for ever. */
export function partGone<S extends Spec>(spec: S): { readonly spec: S; readonly gone: GoneHosts } {
  const { loadBalancer, etcd, controlPlanes, workers } = spec;
  return {
    spec: {
      ...spec,
      loadBalancer:
        loadBalancer.kind === "existing"
          ? loadBalancer
          : { ...loadBalancer, hosts: loadBalancer.hosts.filter(isThere) },
      etcd: etcd.topology === "stacked" ? etcd : { ...etcd, hosts: etcd.hosts.filter(isThere) },
      controlPlanes: controlPlanes.filter(isThere),
      workers: workers.filter(isThere),
    },
    gone: {
      loadBalancer: balancerHostsOf(spec).filter(isGone),
      etcd: etcdHostsOf(spec).filter(isGone),
      controlPlanes: controlPlanes.filter(isGone),
      workers: workers.filter(isGone),
    },
  };
}

function isGone({ gone }: HostSpec): boolean {
  return gone;
}

function isThere(host: HostSpec): boolean {
  return !isGone(host);
}
