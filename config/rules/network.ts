import { holds, ipv4, networkRange } from "../primitives";
import type { Problem } from "../problem";
import type { Some } from "./parts";

/** Pods and services have networks of their own. */
export function overlapProblems({ network }: Some<"network">): Problem[] {
  const { podSubnet, serviceSubnet } = network;
  const pods = networkRange(podSubnet);
  const services = networkRange(serviceSubnet);
  if (pods[0] > services[1] || services[0] > pods[1]) return [];
  const message = `${serviceSubnet} overlaps with network.podSubnet ${podSubnet}`;
  return [{ path: "network.serviceSubnet", message }];
}

/** The networks have a size that kubeadm takes. A pod network too small for a node is told by {@link capacityProblems}. */
export function sizeProblems({
  network: { podSubnet, serviceSubnet },
}: Some<"network">): Problem[] {
  const problems: Problem[] = [];
  // kubeadm's constant PodSubnetNodeMaskMaxDiff: the /24 of a node is at most 16 bits longer.
  if (bitsOf(podSubnet) < 8) {
    const message = `${podSubnet} is too large: kubeadm takes a /8 at most, and smaller ones`;
    problems.push({ path: "network.podSubnet", message });
  }
  // kubeadm's constants MaximumBitsForServiceSubnet, 20, and MinimumAddressesInServiceSubnet, 10.
  if (bitsOf(serviceSubnet) < 12 || bitsOf(serviceSubnet) > 28) {
    const size = bitsOf(serviceSubnet) < 12 ? "large" : "small";
    const message = `${serviceSubnet} is too ${size}: kubeadm takes /12 to /28`;
    problems.push({ path: "network.serviceSubnet", message });
  }
  return problems;
}

function bitsOf(network: string): number {
  return Number(network.split("/")[1]);
}

/** The endpoint's address is in no network of the cluster: no packet would leave a node for it. */
export function endpointInsideProblems({
  endpoint,
  loadBalancer,
  network,
}: Some<"endpoint" | "loadBalancer" | "network">): Problem[] {
  const [path, wanted] =
    loadBalancer.kind === "existing"
      ? ["loadBalancer.endpoint", loadBalancer.endpoint]
      : ["endpoint", endpoint];
  return ipv4.safeParse(wanted).success ? networkHolding(network, path, wanted ?? "") : [];
}

/** No host stands in the pods' or the services' network. */
export function insideProblems({ network, hosts }: Some<"network" | "hosts">): Problem[] {
  return hosts.flatMap(([path, { address }]) =>
    networkHolding(network, `${path}.address`, address),
  );
}

/** Says of an address that it lies in a network of the cluster. */
export function networkHolding(
  network: Some<"network">["network"],
  path: string,
  address: string,
): Problem[] {
  return (["podSubnet", "serviceSubnet"] as const)
    .filter((key) => holds(network[key], address))
    .map((key) => ({ path, message: `${address} lies inside network.${key} ${network[key]}` }));
}

/** The pods' network has room for every node. */
export function capacityProblems({
  network: { podSubnet },
  controlPlanes,
  workers,
}: Some<"network" | "controlPlanes" | "workers">): Problem[] {
  const [first, last] = networkRange(podSubnet);
  // The controller manager gives each node a /24 of the pod network (its default node-cidr-mask-size).
  const capacity = (last - first + 1) / 256;
  const nodes = controlPlanes.length + workers.length;
  if (nodes <= capacity) return [];
  const message = `${podSubnet} has room for ${Math.floor(capacity)} nodes (a /24 each), the stack has ${nodes}`;
  return [{ path: "network.podSubnet", message }];
}
