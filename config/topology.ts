import type { HostSpec, NodeSpec, Spec } from "./spec";

/** Where the Kubernetes API is reached. */
export interface Endpoint {
  /** DNS name or address. */
  readonly host: string;
  readonly port: number;
}

/** The control-plane endpoint of a stack: the one it names, or else its only balancer. */
export function endpointOf(spec: Spec): Endpoint {
  const { hosts, port } = spec.loadBalancer;
  const host = spec.endpoint ?? hosts[0]?.address;
  if (host === undefined) throw new Error("validation lets no stack without an endpoint pass");
  return { host, port };
}

/** `host:port`, as kubeadm and kubeconfigs have it. */
export function endpointText({ host, port }: Endpoint): string {
  return `${host}:${port}`;
}

/** All cluster nodes, control planes first. */
export function nodesOf(spec: Spec): readonly NodeSpec[] {
  return [...spec.controlPlanes, ...spec.workers];
}

/** The control plane that founds the cluster, and on which later steps for the whole cluster run. */
export function founderOf(spec: Spec): NodeSpec {
  const [founder] = spec.controlPlanes;
  if (founder === undefined)
    throw new Error("validation lets no stack without a control plane pass");
  return founder;
}

/** Names and addresses that API server certificates must hold beside kubeadm's own: every way to a balancer. */
export function certificateNamesOf(spec: Spec): readonly string[] {
  const balancers = spec.loadBalancer.hosts.flatMap((host: HostSpec) => [host.name, host.address]);
  return [...new Set([endpointOf(spec).host, ...balancers, "127.0.0.1"])];
}
