import { existsSync } from "node:fs";

import type { Command } from "commander";

import { listHosts } from "../hosts/containers";
import { cutAmong } from "../hosts/network";
import { openLab, type Lab } from "../lab";
import { mirrorStatus } from "../mirror/mirror";
import { table } from "../output";
import { readStack } from "../stack";
import { stateSummary } from "../state";
import { egressAllowed } from "../upstream";

/** Adds `status`. */
export function addStatusCommand(program: Command): void {
  program
    .command("status [stack]")
    .description("what the stack's hosts, the mirror and the stack's state are")
    .action(async (stack = "dev") => {
      process.stdout.write(await describe(openLab(stack as string)));
    });
}

async function describe(lab: Lab): Promise<string> {
  const wanted = existsSync(lab.stackFile) ? readStack(lab).hosts : [];
  const all = await listHosts();
  const present = all.filter((host) => host.stack === lab.stack);
  const cut = await cutAmong(present.map((host) => host.address));
  const rows = wanted.map((host) => {
    const found = present.find((one) => one.host === host.name);
    const state = found === undefined ? "not made" : found.state;
    const notes = [
      ...(found !== undefined && cut.has(found.address) ? ["network cut"] : []),
      ...(found !== undefined && found.checkout !== lab.root ? [`made by ${found.checkout}`] : []),
    ];
    return [host.name, host.role, host.address, `127.0.0.1:${host.port}`, state, notes.join(", ")];
  });
  const surplus = present
    .filter((host) => !wanted.some((one) => one.name === host.host))
    .map((h) => [h.host, "-", h.address, `127.0.0.1:${h.port}`, h.state, "not in the stack file"]);
  const hosts = table([
    ["HOST", "ROLE", "ADDRESS", "SSH", "STATE", "NOTE"],
    ...[...rows, ...surplus],
  ]);
  const others = [...new Set(all.map((host) => host.stack))].filter((name) => name !== lab.stack);
  const mirror = egressAllowed(lab) ? "not used: up --upstream" : await mirrorStatus();
  return [
    hosts,
    `mirror: ${mirror}\n`,
    `Pulumi state: ${stateSummary(lab)}\n`,
    ...(others.length > 0 ? [`other stacks with hosts here: ${others.join(", ")}\n`] : []),
  ].join("");
}
