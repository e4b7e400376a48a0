import { readFileSync } from "node:fs";
import path from "node:path";

import { Failure } from "../failure";
import type { Lab } from "../lab";
import type { Stack, WantedHost } from "../stack";
import { createArguments, listHosts, type HostContainer } from "./containers";
import { cut, cutAmong, heal } from "./network";
import { podman, recordDeath, removeContainer, tryPodman } from "./podman";
import { awaitSsh, ensureKeyPair } from "./ssh";
import { updateKnownHosts, type KnownHost } from "./knownHosts";

/** How a host is made. */
export interface HostImage {
  /** The image in podman's store. */
  readonly image: string;
  /** Whether hosts reach the world outside, and so resolve its names. Default: false. */
  readonly egress?: boolean;
}

/** Seconds that a host has to shut down in before its power is cut. */
const shutdown = 30;

/** The container of a stack's host on this machine, if there is one. */
export async function findHost(lab: Lab, name: string): Promise<HostContainer | undefined> {
  return (await listHosts()).find((one) => one.stack === lab.stack && one.host === name);
}

/** The same. @throws Failure where there is none, or where it belongs to another checkout. */
export async function existingHost(lab: Lab, name: string): Promise<HostContainer> {
  const found = await findHost(lab, name);
  if (found !== undefined && found.checkout !== lab.root) {
    throw new Failure(`${name} was made by the checkout ${found.checkout}: do it there`);
  }
  if (found !== undefined) return found;
  throw new Failure(
    `${name} of the stack ${lab.stack} has not been made: npm run lab -- up ${lab.stack}`,
  );
}

/** Makes a new machine, switched off. */
export async function createHost(lab: Lab, host: WantedHost, image: string): Promise<void> {
  await podman(createArguments(lab, host, image));
}

/** Switches a host on, or lets it go on where it was paused, whatever state it is in. It may not answer yet. */
export async function powerOn(host: HostContainer): Promise<void> {
  if (host.state === "running") return;
  if (host.state === "paused") return void (await podman(["unpause", host.container]));
  if (host.state === "dead") await recordDeath(host.id);
  await podman(["start", host.container]);
}

/** Shuts a host down as its administrator would; where that takes over 30 s, its power is cut. */
export async function stopHost(host: HostContainer): Promise<void> {
  if (host.state === "stopped") return;
  if (host.state === "paused") await podman(["unpause", host.container]);
  if (host.state !== "dead") {
    await podman(["stop", "--time", String(shutdown), host.container], { timeout: shutdown + 30 });
  }
  await confirmStopped(host);
}

/**
 * Cuts a host's power: nothing on it gets to end its work, and nobody hears from it again. Its network goes first: for a
 * process that dies, the kernel would still close its connections, which a machine without power does not.
 */
export async function powerOff(host: HostContainer): Promise<void> {
  if (host.state === "stopped") return;
  const cutBefore = (await cutAmong([host.address])).size > 0;
  await cut(host.address);
  try {
    // A frozen process does not even die.
    if (host.state === "paused") await podman(["unpause", host.container]);
    if (host.state !== "dead") {
      await podman(["kill", "--signal", "KILL", host.container]);
      await tryPodman(["wait", "--condition", "stopped", host.container], { timeout: 15 });
    }
    await confirmStopped(host);
  } finally {
    if (!cutBefore) await heal(host.address);
  }
}

/** Where the container's monitor is gone, podman never notices that the container has ended. */
async function confirmStopped(host: HostContainer): Promise<void> {
  const now = (await listHosts()).find((one) => one.id === host.id);
  if (now?.state === "dead") await recordDeath(host.id);
}

/** Freezes a host: its connections stay open and nobody answers on them. */
export async function pauseHost(host: HostContainer): Promise<void> {
  if (host.state === "paused") return;
  if (host.state !== "running") throw new Failure(`${host.host} does not run: it is ${host.state}`);
  await podman(["pause", host.container]);
}

/** Lets a frozen host go on. */
export async function unpauseHost(host: HostContainer): Promise<void> {
  if (host.state === "paused") await podman(["unpause", host.container]);
}

/** Throws a host away, with all its data. */
export async function removeHost(host: HostContainer): Promise<void> {
  if (host.state === "paused") await tryPodman(["unpause", host.container]);
  if (host.state === "dead") await recordDeath(host.id);
  await removeContainer(host.id, { volumes: true });
  await heal(host.address);
}

/** Seconds for settle.sh, which bounds its own waits: a machine that is busy with many hosts boots each slowly. */
const settling = 180;

/** What a new host's resolver is told where there is no world outside: an address that nobody has, and no patience. */
const noResolver = "nameserver 192.0.2.53\noptions timeout:1 attempts:1";

/** The machine's own resolver as hosts can use it: not the stub on the loopback. */
function machineResolver(): string {
  for (const file of ["/run/systemd/resolve/resolv.conf", "/etc/resolv.conf"]) {
    try {
      return readFileSync(file, "utf8").trim();
    } catch {
      // The next one.
    }
  }
  return noResolver;
}

/**
 * Gives running hosts what an installer would have left (see settle.sh), learns their host keys, and waits until each lets
 * the stack's user in by SSH. A host whose network is cut is not waited for.
 *
 * @param all whether these are all hosts of the stack: known_hosts then holds no others.
 */
export async function awaitHosts(
  stack: Stack,
  hosts: readonly WantedHost[],
  containers: ReadonlyMap<string, string>,
  options: { readonly all: boolean; readonly egress?: boolean },
): Promise<void> {
  const script = readFileSync(path.join(__dirname, "settle.sh"), "utf8");
  const publicKey = await ensureKeyPair(stack);
  const resolver = options.egress === true ? machineResolver() : noResolver;
  const keys = await Promise.all(
    hosts.map(async (host): Promise<KnownHost> => {
      const container = containers.get(host.name);
      if (container === undefined) throw new Failure(`${host.name} has not been made`);
      const command = ["exec", "--interactive", container, "bash", "-s", "--"];
      const args = [...command, stack.user, publicKey, resolver];
      const key = await podman(args, { input: script, timeout: settling });
      return { port: host.port, key };
    }),
  );
  updateKnownHosts(stack.knownHosts, keys, { only: options.all });
  const cut = await cutAmong(hosts.map((host) => host.address));
  await Promise.all(
    hosts.filter((host) => !cut.has(host.address)).map((host) => awaitSsh(stack, host)),
  );
}
