import { readFileSync } from "node:fs";
import path from "node:path";

import { ensureSystemPackages } from "../../../../lab/build/systemPackages";
import { containerName } from "../../../../lab/hosts/containers";
import { podman } from "../../../../lab/hosts/podman";
import { lines } from "../../../../lab/output";
import { run } from "../../../../lab/process";
import { iptablesEntries, nftEntries, snapshotOf, type HostSnapshot } from "./hostDifferences";
import type { Suite } from "../suite/suite";

/** Snapshots of several hosts, by name. */
export type Snapshots = ReadonlyMap<string, HostSnapshot>;

/**
 * Takes snapshots of hosts, all at once: files, mounts, interfaces, addresses, routes, the packet filter, units, processes,
 * users, groups, packages, and the kernel settings that the product makes. It leaves no trace on them.
 *
 * @throws with a program's output where one of them cannot be read.
 */
export async function takeSnapshots(suite: Suite, hosts: readonly string[]): Promise<Snapshots> {
  // The packet filter is looked at from outside: a plain host has no program for it.
  await ensureSystemPackages(lines(), ["iptables", "nftables"]);
  const script = readFileSync(path.join(__dirname, "hostSnapshot.sh"), "utf8");
  const taken = await Promise.all(
    hosts.map(async (host) => {
      const told = await suite.outputOf(host, "bash -s", script);
      return [
        host,
        snapshotOf([...told.split("\n"), ...(await packetFilter(suite, host))]),
      ] as const;
    }),
  );
  return new Map(taken);
}

/** Chains, rules and tables, as lines of a snapshot. */
async function packetFilter(suite: Suite, host: string): Promise<readonly string[]> {
  const commands =
    "iptables-save && echo @ && ip6tables-save && echo @ && nft --stateless list ruleset";
  const told = await inNetworkOf(suite, host, commands);
  const [iptables = "", ip6tables = "", nft = ""] = told.split("@\n");
  return [
    ...iptablesEntries("iptables", iptables),
    ...iptablesEntries("ip6tables", ip6tables),
    ...nftEntries(nft),
  ];
}

/** What commands of this machine print when they run in a host's network. @throws when they fail. */
export async function inNetworkOf(suite: Suite, host: string, commands: string): Promise<string> {
  const container = containerName(suite.lab.stack, host);
  const process = await podman(["inspect", "--format", "{{.State.Pid}}", container]);
  const enter = ["--target", process.trim(), "--net", "sh", "-c", commands];
  return (await run("nsenter", enter)).stdout;
}
