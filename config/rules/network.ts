import { addressNumber, networkRange } from "../primitives";
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
  const number = addressNumber(address);
  return (["podSubnet", "serviceSubnet"] as const)
    .filter((key) => {
      const [first, last] = networkRange(network[key]);
      return number >= first && number <= last;
    })
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
