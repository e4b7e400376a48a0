import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import path from "node:path";

import { z } from "zod";

import type { Lab } from "./lab";

/** Where the lab's stacks keep their Pulumi state: a file backend in the checkout. */
export function stateDirectory(lab: Lab): string {
  return path.join(lab.root, ".lab", "state");
}

/** The file with a stack's state, as Pulumi's file backend lays it out. */
function stateFile(lab: Lab): string {
  return path.join(stateDirectory(lab), ".pulumi", "stacks", "kubeadm-ha", `${lab.stack}.json`);
}

const checkpoint = z.object({
  checkpoint: z.object({
    latest: z
      .object({
        manifest: z.object({ time: z.string() }),
        resources: z.array(z.unknown()).nullish(),
      })
      .nullish(),
  }),
});

/**
 * Forgets all that Pulumi knows of the stack: for when the stack's machines are gone, so that there is nothing to destroy and
 * nobody to ask. A lock that a killed Pulumi left goes with it.
 */
export function dropState(lab: Lab): void {
  const base = path.join(stateDirectory(lab), ".pulumi");
  const stacks = path.dirname(stateFile(lab));
  if (existsSync(stacks)) {
    for (const name of readdirSync(stacks)) {
      if (name.startsWith(`${lab.stack}.json`)) rmSync(path.join(stacks, name));
    }
  }
  rmSync(path.join(locks(lab), lab.stack), { recursive: true, force: true });
  for (const folder of ["history", "backups"]) {
    rmSync(path.join(base, folder, "kubeadm-ha", lab.stack), { recursive: true, force: true });
  }
  for (const name of ["kubeconfig", "up.log"]) {
    rmSync(path.join(lab.directory, name), { force: true });
  }
}

const lock = z.object({ pid: z.number(), hostname: z.string() });

/**
 * Removes Pulumi's locks on the stack whose holders no longer live on this machine: a killed Pulumi leaves its lock, and each
 * run after it would be refused.
 *
 * @returns how many were removed.
 */
export function releaseDeadLocks(lab: Lab): number {
  const dead = heldLocks(lab).filter(({ pid }) => !existsSync(`/proc/${pid}`));
  for (const { file } of dead) rmSync(file, { force: true });
  return dead.length;
}

/** The processes of Pulumi on this machine that hold the stack. */
export function lockHolders(lab: Lab): readonly number[] {
  return heldLocks(lab).map(({ pid }) => pid);
}

/** The stack's locks that processes of this machine hold or held. */
function heldLocks(lab: Lab): readonly { readonly file: string; readonly pid: number }[] {
  const folder = path.join(locks(lab), lab.stack);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .flatMap((name) => {
      const file = path.join(folder, name);
      const held = lock.safeParse(parseIfThere(file));
      const ours = held.success && held.data.hostname === hostname();
      return ours ? [{ file, pid: held.data.pid }] : [];
    });
}

/** Where Pulumi's file backend keeps the locks of the project's stacks, a folder for each. */
function locks(lab: Lab): string {
  return path.join(stateDirectory(lab), ".pulumi", "locks", "organization", "kubeadm-ha");
}

function parseIfThere(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

/** Whether the stack has a state, be it an empty one. */
export function hasState(lab: Lab): boolean {
  return existsSync(stateFile(lab));
}

/** How many resources the stack's state has; 0 where there is none. */
export function stateResources(lab: Lab): number {
  return read(lab)?.resources?.length ?? 0;
}

/** What `status` says of the state, such as "61 resources, last changed 2026-11-23 21:51:29". */
export function stateSummary(lab: Lab): string {
  if (!hasState(lab)) return "none";
  const latest = read(lab);
  if (latest === undefined) return "empty";
  const count = latest.resources?.length ?? 0;
  const time = latest.manifest.time.slice(0, 19).replace("T", " ");
  return count === 0 ? "empty" : `${count} resources, last changed ${time}`;
}

function read(
  lab: Lab,
): NonNullable<z.output<typeof checkpoint>["checkpoint"]["latest"]> | undefined {
  // Where it cannot be read, Pulumi is writing it at this very moment.
  const parsed = checkpoint.safeParse(parseIfThere(stateFile(lab)));
  return parsed.success ? (parsed.data.checkpoint.latest ?? undefined) : undefined;
}
