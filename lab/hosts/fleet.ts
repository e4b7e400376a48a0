import { existsSync } from "node:fs";
import path from "node:path";

import { Failure } from "../failure";
import type { Lab } from "../lab";
import type { Note } from "../output";
import type { Stack, WantedHost } from "../stack";
import { containerName, listHosts, type HostContainer } from "./containers";
import { awaitHosts, createHost, powerOn, removeHost, type HostImage } from "./machine";
import { raiseMachineLimits } from "./machineLimits";
import { cutAmong, ensureNetwork, heal } from "./network";

/** How a stack's hosts are brought up. */
export interface FleetOptions extends HostImage {
  /** Throws away hosts of this stack that another checkout has made. Default: false. */
  readonly takeOver?: boolean;
}

/** What bringing hosts up has done. */
export interface Fleet {
  /** Names of hosts that were made: new machines, with new host keys. */
  readonly created: readonly string[];
  /** Names of hosts that were there and had to be switched on or healed. */
  readonly revived: readonly string[];
}

/**
 * Makes every host of the stack file exist, run and answer by SSH, and puts their host keys into the stack's known_hosts.
 * Hosts that the stack file no longer wants are left alone: see {@link surplusHosts}.
 *
 * @throws Failure where another checkout's hosts, or another stack's, are in the way.
 */
export async function ensureHosts(
  lab: Lab,
  stack: Stack,
  options: FleetOptions,
  note: Note,
): Promise<Fleet> {
  raiseMachineLimits();
  await ensureNetwork({ egress: options.egress ?? false });
  const present = await claim(lab, stack, options.takeOver ?? false, note);
  const cut = await cutAmong(stack.hosts.map((host) => host.address));
  const created: string[] = [];
  const revived: string[] = [];
  await Promise.all(
    stack.hosts.map(async (host) => {
      const found = present.get(host.name);
      if (found === undefined) {
        await createHost(lab, host, options.image);
        created.push(host.name);
      } else if (found.state !== "running" || cut.has(host.address)) {
        const was = found.state === "running" ? "cut off" : found.state;
        note(`${host.name} was ${was}: it goes on`);
        revived.push(host.name);
      }
      if (cut.has(host.address)) await heal(host.address);
      await powerOn(found ?? newlyMade(lab, host));
    }),
  );
  const containers = new Map(stack.hosts.map((h) => [h.name, containerName(lab.stack, h.name)]));
  await awaitHosts(stack, stack.hosts, containers, { all: true, egress: options.egress ?? false });
  return { created, revived };
}

function newlyMade(lab: Lab, host: WantedHost): HostContainer {
  const container = containerName(lab.stack, host.name);
  const { address, port, name } = host;
  const common = { id: container, container, host: name, stack: lab.stack, checkout: lab.root };
  return { ...common, address, port, state: "stopped" };
}

/** The stack's own hosts on this machine, by name, after whatever was in their way has been removed or refused. */
async function claim(
  lab: Lab,
  stack: Stack,
  takeOver: boolean,
  note: Note,
): Promise<Map<string, HostContainer>> {
  const all = await listHosts();
  const own = new Map<string, HostContainer>();
  for (const host of all.filter((one) => one.stack === lab.stack)) {
    if (host.checkout === lab.root) own.set(host.host, host);
    else await takeAway(host, takeOver, note);
  }
  for (const wanted of stack.hosts) {
    const found = own.get(wanted.name);
    if (found && (found.address !== wanted.address || found.port !== wanted.port)) {
      throw new Failure(
        `${wanted.name} runs at ${found.address}, port ${found.port}; the stack file now says ${wanted.address}, ` +
          `port ${wanted.port}. A machine of its own there: npm run lab -- wipe ${wanted.name} --stack ${lab.stack}`,
      );
    }
    const rival = all.find(
      (one) =>
        one.stack !== lab.stack && (one.address === wanted.address || one.port === wanted.port),
    );
    if (rival !== undefined) {
      throw new Failure(
        `${wanted.name}: ${wanted.address} or port ${wanted.port} belongs to ${rival.host} of the stack ${rival.stack} ` +
          `(made by ${rival.checkout}). Give it others, or end that stack there: npm run lab -- down ${rival.stack}`,
      );
    }
  }
  return own;
}

async function takeAway(host: HostContainer, takeOver: boolean, note: Note): Promise<void> {
  const abandoned = !existsSync(path.join(host.checkout, "Pulumi.yaml"));
  if (!abandoned && !takeOver) {
    throw new Failure(
      `the hosts of the stack ${host.stack} on this machine were made by the checkout ${host.checkout}. Use them ` +
        `there, end them there (npm run lab -- down ${host.stack}), or throw them away from here: --take-over`,
    );
  }
  const why = abandoned ? "that checkout is gone" : "taken over";
  note(`removing ${host.host}, made by ${host.checkout}: ${why}`);
  await removeHost(host);
}

/** Switches one host on, and waits until it answers by SSH again. */
export async function switchOn(
  stack: Stack,
  wanted: WantedHost,
  found: HostContainer,
  options: { readonly egress: boolean },
): Promise<void> {
  await ensureNetwork(options);
  await powerOn(found);
  const containers = new Map([[wanted.name, found.container]]);
  await awaitHosts(stack, [wanted], containers, { all: false, ...options });
}

/** Hosts of this stack and checkout on this machine that the stack file does not want (any more). */
export async function surplusHosts(lab: Lab, stack: Stack): Promise<HostContainer[]> {
  const wanted = new Set(stack.hosts.map((host) => host.name));
  return (await listHosts()).filter(
    (one) => one.stack === lab.stack && one.checkout === lab.root && !wanted.has(one.host),
  );
}

/**
 * Throws away all hosts of a stack, whatever the stack file says.
 *
 * @param takeOver also those that another, still existing checkout has made.
 * @returns the names of the hosts that are gone.
 */
export async function removeHosts(lab: Lab, takeOver: boolean, note: Note): Promise<string[]> {
  const hosts = (await listHosts()).filter((one) => one.stack === lab.stack);
  for (const host of hosts.filter((one) => one.checkout !== lab.root)) {
    await takeAway(host, takeOver, note);
  }
  const own = hosts.filter((one) => one.checkout === lab.root);
  await Promise.all(own.map(removeHost));
  return own.map((one) => one.host);
}

/**
 * A new machine of that name takes the host's place: an empty disk, new host keys, nothing else. The machine before it is
 * thrown away, and the new one has its network plugged in.
 */
export async function wipeHost(
  lab: Lab,
  stack: Stack,
  host: WantedHost,
  image: HostImage,
  note: Note,
): Promise<void> {
  await ensureNetwork({ egress: image.egress ?? false });
  const before = (await listHosts()).find(
    (one) => one.stack === lab.stack && one.host === host.name,
  );
  if (before !== undefined && before.checkout !== lab.root) await takeAway(before, false, note);
  else if (before !== undefined) await removeHost(before);
  await createHost(lab, host, image.image);
  const made = newlyMade(lab, host);
  await powerOn(made);
  await awaitHosts(stack, [host], new Map([[host.name, made.container]]), {
    all: false,
    egress: image.egress ?? false,
  });
}
