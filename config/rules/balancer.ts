import { hostsWithPaths, type Problem } from "../problem";
import type { Spec } from "../spec";
import { builtBalancerOf } from "../topology";

/** The virtual IP is nobody's own address, and the balancer's ports differ. */
export function balancerProblems(spec: Spec): Problem[] {
  const balancer = builtBalancerOf(spec);
  if (balancer === undefined) return [];
  const problems: Problem[] = [];
  const { virtualIp } = balancer;
  const taken = hostsWithPaths(spec).find(([, host]) => host.address === virtualIp);
  if (virtualIp !== undefined && taken !== undefined) {
    problems.push({
      path: "loadBalancer.virtualIp",
      message: `${virtualIp} is ${taken[0]}'s own address; a virtual IP is an address that no machine has`,
    });
  }
  if (balancer.kind === "haproxy" && balancer.metrics.port === balancer.port) {
    problems.push({
      path: "loadBalancer.metrics.port",
      message: `${balancer.port} is loadBalancer.port already; choose another`,
    });
  }
  return problems;
}

/** The endpoint leads to the load balancer, and to nothing else. */
export function endpointProblems(spec: Spec): Problem[] {
  const problems: Problem[] = [];
  const { loadBalancer } = spec;
  const balancer = builtBalancerOf(spec);
  if (loadBalancer.kind === "existing") {
    if (spec.endpoint !== undefined) {
      problems.push({
        path: "endpoint",
        message:
          "is given by loadBalancer.endpoint already: a load balancer of kind existing has one",
      });
    }
  } else if (
    spec.endpoint === undefined &&
    balancer?.virtualIp === undefined &&
    loadBalancer.hosts.length > 1
  ) {
    problems.push({
      path: "endpoint",
      message:
        "is missing: several balancers need loadBalancer.virtualIp, or a DNS name for all of them here",
    });
  }
  const [path, endpoint] =
    loadBalancer.kind === "existing"
      ? ["loadBalancer.endpoint", loadBalancer.endpoint]
      : ["endpoint", spec.endpoint];
  const balancers: readonly string[] = (balancer?.hosts ?? []).map(({ name }) => name);
  const taken = hostsWithPaths(spec)
    .map(([, host]) => host)
    .find(
      ({ name, address }) =>
        !balancers.includes(name) && (address === endpoint || name === endpoint),
    );
  if (taken !== undefined) {
    problems.push({
      path,
      message: `${endpoint ?? ""} is ${taken.name} itself; the endpoint must lead to the load balancer`,
    });
  }
  return problems;
}
