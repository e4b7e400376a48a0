import { addressNumber, networkRange } from "../primitives";
import { hostsWithPaths, type Problem } from "../problem";
import type { Spec } from "../spec";
import { builtBalancerOf } from "../topology";

/** The networks do not overlap, hold no host, and have room for every node. */
export function networkProblems(spec: Spec): Problem[] {
  const { podSubnet, serviceSubnet } = spec.network;
  const pods = networkRange(podSubnet);
  const services = networkRange(serviceSubnet);
  const problems: Problem[] = [];
  if (pods[0] <= services[1] && services[0] <= pods[1]) {
    problems.push({
      path: "network.serviceSubnet",
      message: `${serviceSubnet} overlaps with network.podSubnet ${podSubnet}`,
    });
  }
  const virtualIp = builtBalancerOf(spec)?.virtualIp;
  const addresses: (readonly [path: string, address: string])[] = [
    ...hostsWithPaths(spec).map(([path, host]) => [`${path}.address`, host.address] as const),
    ...(virtualIp === undefined ? [] : [["loadBalancer.virtualIp", virtualIp] as const]),
  ];
  for (const [path, text] of addresses) {
    const address = addressNumber(text);
    for (const [key, [first, last]] of [
      ["podSubnet", pods],
      ["serviceSubnet", services],
    ] as const) {
      if (address >= first && address <= last) {
        problems.push({
          path,
          message: `${text} lies inside network.${key} ${spec.network[key]}`,
        });
      }
    }
  }
  // The controller manager gives each node a /24 of the pod network (its default node-cidr-mask-size).
  const capacity = (pods[1] - pods[0] + 1) / 256;
  const nodes = spec.controlPlanes.length + spec.workers.length;
  if (nodes > capacity) {
    problems.push({
      path: "network.podSubnet",
      message: `${podSubnet} has room for ${Math.floor(capacity)} nodes (a /24 each), the stack has ${nodes}`,
    });
  }
  return problems;
}
