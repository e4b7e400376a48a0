import { nginxHealthPort } from "../ports";
import type { Problem } from "../problem";
import { builtBalancerOf } from "../topology";
import { networkHolding } from "./network";
import type { Some } from "./parts";

/** The virtual IP is nobody's own address, and lies in no network of the cluster. */
export function virtualIpProblems({
  loadBalancer,
  network,
  hosts,
}: Some<"loadBalancer" | "network" | "hosts">): Problem[] {
  const virtualIp = builtBalancerOf({ loadBalancer })?.virtualIp;
  if (virtualIp === undefined) return [];
  const path = "loadBalancer.virtualIp";
  const owner = hosts.find(([, { address }]) => address === virtualIp)?.[0];
  const message = `${virtualIp} is ${owner ?? ""}'s own address; a virtual IP is an address that no machine has`;
  return [
    ...(owner === undefined ? [] : [{ path, message }]),
    ...networkHolding(network, path, virtualIp),
  ];
}

/** The balancer's ports differ: the API's, and the one at which the balancer answers for itself. */
export function balancerPortProblems({ loadBalancer }: Some<"loadBalancer">): Problem[] {
  const { kind, port } = loadBalancer;
  if (kind === "nginx" && port === nginxHealthPort) {
    const message = `${port} is where nginx itself answers health checks; choose another`;
    return [{ path: "loadBalancer.port", message }];
  }
  if (kind !== "haproxy" || loadBalancer.metrics.port !== port) return [];
  const message = `${port} is loadBalancer.port already; choose another`;
  return [{ path: "loadBalancer.metrics.port", message }];
}

/** The endpoint leads to the load balancer, and to nothing else. */
export function endpointProblems({
  endpoint,
  loadBalancer,
  hosts,
}: Some<"endpoint" | "loadBalancer" | "hosts">): Problem[] {
  const exists = loadBalancer.kind === "existing";
  const problems: Problem[] = [];
  if (exists && endpoint !== undefined) {
    const message =
      "is given by loadBalancer.endpoint already: a load balancer of kind existing has one";
    problems.push({ path: "endpoint", message });
  }
  if (
    !exists &&
    endpoint === undefined &&
    loadBalancer.virtualIp === undefined &&
    loadBalancer.hosts.length > 1
  ) {
    const message =
      "is missing: several balancers need loadBalancer.virtualIp, or a DNS name for all of them here";
    problems.push({ path: "endpoint", message });
  }
  const [path, wanted] = exists
    ? ["loadBalancer.endpoint", loadBalancer.endpoint]
    : ["endpoint", endpoint];
  const taken = hosts.find(
    ([at, { name, address }]) =>
      !at.startsWith("loadBalancer.") && (address === wanted || name === wanted),
  )?.[1];
  if (taken !== undefined) {
    const what =
      wanted === taken.name
        ? `is the name of ${taken.name}`
        : `${wanted ?? ""} is ${taken.name} itself`;
    problems.push({ path, message: `${what}; the endpoint must lead to the load balancer` });
  }
  return problems;
}
