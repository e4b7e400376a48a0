import { z } from "zod";

import type { Lab } from "../lab";
import type { WantedHost } from "../stack";
import { macAddress, network } from "./network";
import { lives, podman, podmanIsThere } from "./podman";

/** What a host is doing. "dead": its processes are gone though podman says that it runs. */
export type HostState = "running" | "paused" | "stopped" | "dead";

/** A host as it is on this machine. */
export interface HostContainer {
  readonly id: string;
  readonly container: string;
  /** The host's own name, as in its stack file. */
  readonly host: string;
  readonly stack: string;
  /** The checkout that made it: an absolute path. */
  readonly checkout: string;
  readonly address: string;
  /** The port on 127.0.0.1 where its SSH is published. */
  readonly port: number;
  readonly state: HostState;
}

/** The labels that tell hosts from other containers, and from one another. */
const label = {
  stack: "kubeadm-ha.stack",
  host: "kubeadm-ha.host",
  checkout: "kubeadm-ha.checkout",
  address: "kubeadm-ha.address",
  port: "kubeadm-ha.port",
} as const;

/**
 * A host's container. The prefix keeps podman, which takes an unknown name for the beginning of an ID, from ever meaning
 * another container.
 */
export function containerName(stack: string, host: string): string {
  return `kha-${stack}-${host}`;
}

const listed = z.array(
  z.object({
    Id: z.string(),
    Names: z.array(z.string()).min(1),
    Labels: z.record(z.string(), z.string()),
    Pid: z.number(),
    State: z.string(),
  }),
);

/**
 * All hosts on this machine, of every stack and checkout. Containers that are no hosts of a lab do not count; where podman has
 * not been installed yet, there are none.
 */
export async function listHosts(): Promise<HostContainer[]> {
  if (!podmanIsThere()) return [];
  const text = await podman(["ps", "--all", "--filter", `label=${label.host}`, "--format", "json"]);
  return listed.parse(JSON.parse(text)).map((one) => ({
    id: one.Id,
    container: one.Names[0] ?? one.Id,
    host: one.Labels[label.host] ?? "",
    stack: one.Labels[label.stack] ?? "",
    checkout: one.Labels[label.checkout] ?? "",
    address: one.Labels[label.address] ?? "",
    port: Number(one.Labels[label.port]),
    state: stateOf(one.State, one.Pid, one.Id),
  }));
}

function stateOf(told: string, pid: number, id: string): HostState {
  if (told === "paused") return lives(pid, id) ? "paused" : "dead";
  if (told === "running") return lives(pid, id) ? "running" : "dead";
  // Left behind by a monitor that was killed in the middle of a stop.
  if (told === "stopping") return "dead";
  return "stopped";
}

/**
 * The arguments of `podman create` for a host: a Debian that boots with systemd, as near to a machine as a container comes.
 */
export function createArguments(lab: Lab, host: WantedHost, image: string): string[] {
  const labels: Record<string, string> = {
    [label.stack]: lab.stack,
    [label.host]: host.name,
    [label.checkout]: lab.root,
    [label.address]: host.address,
    [label.port]: String(host.port),
  };
  return [
    "create",
    ...["--name", containerName(lab.stack, host.name), "--hostname", host.name],
    ...Object.entries(labels).flatMap(([key, value]) => ["--label", `${key}=${value}`]),
    "--privileged",
    ...["--cgroupns", "private", "--pids-limit", "-1"],
    // podman's defaults lowered to what a machine without CAP_SYS_RESOURCE lets its runtime set.
    ...["--ulimit", "nofile=20000:20000", "--ulimit", "nproc=32768:32768"],
    // podman's own systemd mode mounts, on cgroup v1, the machine's whole name=systemd hierarchy into every host: their
    // systemds and kubelets then end one another's processes. So the same is arranged by hand, with a tree for each.
    ...["--systemd", "false", "--env", "container=podman", "--stop-signal", "SIGRTMIN+3"],
    ...["--tmpfs", "/run", "--tmpfs", "/run/lock", "--tmpfs", "/tmp"],
    ...["--network", network.name, "--ip", host.address],
    ...["--mac-address", macAddress(host.address), "--publish", `127.0.0.1:${host.port}:22`],
    // Files of its own, as on a machine: what podman mounts there cannot be replaced by a rename.
    ...["--no-hosts", "--dns", "none"],
    // An overlay cannot lie on an overlay, and etcd wants a real file system.
    ...["/var/lib/containerd", "/var/lib/etcd", "/var/lib/kubelet"].flatMap((at) => [
      "--volume",
      at,
    ]),
    image,
    "/sbin/init",
  ];
}
