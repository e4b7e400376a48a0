import { defaultEtcdVersion } from "./etcdReleases";
import type { BuiltBalancerSpec, ExternalEtcdSpec, HostSpec, NodeSpec, Spec } from "./spec";

/** Where the Kubernetes API is reached. */
export interface Endpoint {
  /** DNS name or address. */
  readonly host: string;
  readonly port: number;
}

/**
 * The control-plane endpoint of a stack: the existing balancer's, the one that the stack names, the virtual IP, or the
 * only balancer's address.
 */
export function endpointOf(spec: Spec): Endpoint {
  const { loadBalancer } = spec;
  if (loadBalancer.kind === "existing")
    return { host: loadBalancer.endpoint, port: loadBalancer.port };
  const { hosts, port, virtualIp } = loadBalancer;
  const host = spec.endpoint ?? virtualIp ?? hosts[0]?.address;
  if (host === undefined) throw new Error("validation lets no stack without an endpoint pass");
  return { host, port };
}

/** The balancer that the product builds; none where one exists already. */
export function builtBalancerOf({
  loadBalancer,
}: Pick<Spec, "loadBalancer">): BuiltBalancerSpec | undefined {
  return loadBalancer.kind === "existing" ? undefined : loadBalancer;
}

/** The hosts that are to be load balancers. */
export function balancerHostsOf(spec: Spec): readonly HostSpec[] {
  return builtBalancerOf(spec)?.hosts ?? [];
}

/** The hosts that are to run etcd and nothing else. */
export function etcdHostsOf({ etcd }: Spec): readonly HostSpec[] {
  return etcd.topology === "external" ? etcd.hosts : [];
}

/** Where an external etcd serves its clients, in the order of the stack file. */
export function etcdEndpointsOf({ hosts }: Pick<ExternalEtcdSpec, "hosts">): readonly string[] {
  return hosts.map(({ address }) => `https://${address}:2379`);
}

/** `host:port`, as kubeadm and kubeconfigs have it. */
export function endpointText({ host, port }: Endpoint): string {
  return `${host}:${port}`;
}

/** The version of an external etcd: the stack's own, or the newest known that goes with its Kubernetes. */
export function etcdVersionOf(
  { kubernetes }: Pick<Spec, "kubernetes">,
  { version }: Pick<ExternalEtcdSpec, "version">,
): string {
  return version ?? defaultEtcdVersion(kubernetes.version);
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
  const balancers = balancerHostsOf(spec).flatMap(({ name, address }) => [name, address]);
  const virtualIp = builtBalancerOf(spec)?.virtualIp;
  return [
    ...new Set([
      endpointOf(spec).host,
      ...(virtualIp === undefined ? [] : [virtualIp]),
      ...balancers,
      "127.0.0.1",
    ]),
  ];
}
