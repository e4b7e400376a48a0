import { z } from "zod";

import { Failure } from "../failure";
import { attempt, run } from "../process";
import { podman, tryPodman } from "./podman";

/** The network of all hosts and of the mirror: its name in podman, and its addresses. */
export const network = { name: "kha", subnet: "198.18.0.0/16" } as const;

/** Preference of the routing rule that keeps hosts from the world outside: before the machine's main table. */
const preference = "100";

const inspected = z.array(z.object({ network_interface: z.string().min(1) })).length(1);

/**
 * Makes the hosts' network where it is missing, and shuts it off from the world outside, so that nothing can lean on the
 * internet unseen: what a host sends beyond the network is refused at once. (podman's own `--internal` networks cannot
 * publish ports.) Names are not resolved in it. Safe to call again and from several processes.
 *
 * @param options.egress lets hosts reach the world outside. Default: false.
 */
export async function ensureNetwork(options: { readonly egress?: boolean } = {}): Promise<void> {
  const found = await tryPodman(["network", "exists", network.name]);
  if (found.code !== 0) {
    const create = ["network", "create", "--disable-dns", "--subnet", network.subnet, network.name];
    const made = await tryPodman(create);
    // Another process may have made it meanwhile.
    if (made.code !== 0 && !made.stderr.includes("already exists")) {
      throw new Failure(`the lab's network cannot be made: ${made.stderr.trim()}`);
    }
  }
  const device = await bridge();
  await keepPodAddresses(device);
  await setEgress(device, options.egress ?? false);
}

/**
 * Keeps the machine's address translation away from what one host sends another. Where the kernel shows bridged packets to
 * iptables, podman's rules would take a pod's address for the world outside, and flannel's host-gw would not work.
 */
async function keepPodAddresses(device: string): Promise<void> {
  const rule = [
    "POSTROUTING",
    "-o",
    device,
    "-m",
    "physdev",
    "--physdev-is-bridged",
    "-j",
    "ACCEPT",
  ];
  const nat = (verb: string): string[] => ["--wait", "10", "-t", "nat", verb, ...rule];
  if ((await attempt("iptables", nat("-C"))).code === 0) return;
  const added = await attempt("iptables", nat("-I"));
  if (added.code !== 0) {
    throw new Failure(`pods' addresses cannot be kept between hosts: iptables: ${added.tail}`);
  }
}

/** The name of the network's bridge on this machine. */
async function bridge(): Promise<string> {
  const text = await podman(["network", "inspect", network.name]);
  const [found] = inspected.parse(JSON.parse(text));
  if (found === undefined) throw new Failure(`podman network ${network.name} cannot be inspected`);
  return found.network_interface;
}

async function setEgress(device: string, allowed: boolean): Promise<void> {
  const rule = ["pref", preference, "iif", device, "prohibit"];
  const present = async (): Promise<boolean> => {
    const rules = (await run("ip", ["rule", "show", "pref", preference])).stdout;
    return rules.split("\n").some((line) => line.includes(`iif ${device} `));
  };
  if (allowed) {
    while (await present()) await run("ip", ["rule", "del", ...rule]);
  } else if (!(await present())) {
    const added = await attempt("ip", ["rule", "add", ...rule]);
    if (added.code !== 0 && !(await present())) {
      throw new Failure(`the hosts cannot be kept from the internet: ip rule: ${added.tail}`);
    }
  }
}

/** A host's network card: fixed by its address, so that its neighbours' ARP entries stay right when it starts again. */
export function macAddress(address: string): string {
  const bytes = address.split(".").map((part) => Number(part).toString(16).padStart(2, "0"));
  return ["02", "00", ...bytes].join(":");
}

/** Which frames a cut host's card must neither send nor receive: chain, and on which side the card stands. */
const directions = [
  ["FORWARD", "-s"],
  ["FORWARD", "-d"],
  ["INPUT", "-s"],
  ["OUTPUT", "-d"],
] as const;

/**
 * Pulls the plug of a host's network: from now on all frames from it and to it are dropped in silence, other hosts' and this
 * machine's alike, and also after the host has been started again. Only `podman exec` still reaches it.
 */
export async function cut(address: string): Promise<void> {
  const card = macAddress(address);
  const before = await cutCards();
  if (before.has(card)) return;
  for (const [chain, side] of directions) {
    await run("ebtables-nft", ["--concurrent", "-A", chain, side, card, "-j", "DROP"]);
  }
}

/** Plugs a host's network in again. Harmless where it was not cut. */
export async function heal(address: string): Promise<void> {
  const card = macAddress(address);
  for (const [chain, side] of directions) {
    const rule = [chain, side, card, "-j", "DROP"];
    // As often as the rule is there; deleting what is not there fails.
    while ((await attempt("ebtables-nft", ["--concurrent", "-D", ...rule])).code === 0);
  }
}

/** The addresses, of those given, whose network is cut. */
export async function cutAmong(addresses: readonly string[]): Promise<Set<string>> {
  // Nor is there a rule to ask for: before the lab's first `up`, ebtables may be missing.
  if (addresses.length === 0) return new Set();
  const cards = await cutCards();
  return new Set(addresses.filter((address) => cards.has(macAddress(address))));
}

/** The cards in the machine's bridge rules, written with two digits a byte. */
async function cutCards(): Promise<Set<string>> {
  const listed = await attempt("ebtables-nft", ["--concurrent", "-L", "FORWARD", "--Lmac2"]);
  if (listed.code !== 0) return new Set();
  return new Set([...listed.stdout.matchAll(/-s ([0-9a-f:]{17}) -j DROP/g)].map((m) => m[1] ?? ""));
}
