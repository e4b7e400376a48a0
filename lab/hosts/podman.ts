import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";

import { usePodmanSettings } from "../build/podmanSettings";
import { Failure } from "../failure";
import { attached, attempt, capture, type Result } from "../process";
import { findPrograms } from "../searchPath";

/** How long one podman command may take, in seconds, where the caller knows no better. */
const usual = 60;

/** Whether podman is on this machine: before the lab's first `up` it may not be, and there is nothing of the lab then. */
export function podmanIsThere(): boolean {
  return findPrograms("podman").length > 0;
}

/** Runs podman and gives what it printed. @throws Failure with podman's own message when it fails. */
export async function podman(
  args: readonly string[],
  options: { readonly input?: string; readonly timeout?: number } = {},
): Promise<string> {
  prepare();
  return capture("podman", args, { timeout: usual, ...options });
}

/** Runs podman, whatever its exit status. */
export async function tryPodman(
  args: readonly string[],
  options: { readonly input?: string; readonly timeout?: number } = {},
): Promise<Result> {
  prepare();
  return attempt("podman", args, { timeout: usual, ...options });
}

/** Runs podman with this process' own input, output and terminal. @returns podman's exit status. */
export async function podmanAttached(args: readonly string[]): Promise<number> {
  prepare();
  return attached("podman", args);
}

let prepared = false;

/** What has to be so before a process' first use of podman. */
function prepare(): void {
  if (prepared) return;
  if (process.getuid?.() !== 0) {
    throw new Failure(
      "the lab runs as root, as it makes hosts and their network: sudo npm run lab",
    );
  }
  prepared = true;
  usePodmanSettings();
  forgetLastBoot();
}

/** Where podman keeps what it knows of the running system; on most machines a tmpfs, which a boot empties. */
const runtime = {
  alive: "/run/libpod/alive",
  exits: "/run/libpod/exits",
  stale: ["/run/libpod", "/run/containers/networks", "/run/runc", "/run/crun"],
  namespaces: "/run/netns",
};

/**
 * Clears what podman remembers from before the machine's last boot. Where /run is not a tmpfs it outlives a
 * boot, and podman then takes all containers for running and fails even to list them. Nothing is cleared while any
 * container's monitor lives.
 */
function forgetLastBoot(): void {
  if (!existsSync(runtime.alive)) return;
  const booted = /^btime (\d+)$/m.exec(readFileSync("/proc/stat", "utf8"))?.[1];
  if (booted === undefined || statSync(runtime.alive).mtimeMs >= Number(booted) * 1000) return;
  // The clock may have been set since, which moves the time of the boot: only a dead podman is cleared.
  if (programs().includes("conmon")) return;
  for (const directory of runtime.stale) rmSync(directory, { recursive: true, force: true });
  if (!existsSync(runtime.namespaces)) return;
  for (const name of readdirSync(runtime.namespaces)) {
    if (name.startsWith("netns-")) rmSync(path.join(runtime.namespaces, name), { force: true });
  }
}

/** The names of all processes on this machine. */
function programs(): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/comm`, "utf8").trim();
      } catch {
        return "";
      }
    });
}

/**
 * Makes podman see that a container's processes are gone. When its monitor was killed with them, nobody has told podman: it
 * goes on saying "running", or says "stopping" for ever, and refuses to start the container. So the exit is recorded in the
 * monitor's place, and podman cleans up after it.
 */
export async function recordDeath(id: string): Promise<void> {
  mkdirSync(runtime.exits, { recursive: true, mode: 0o750 });
  const record = path.join(runtime.exits, id);
  writeFileSync(`${record}.kha`, "137");
  renameSync(`${record}.kha`, record);
  await podman(["container", "cleanup", id]);
}

/** How often podman is asked to remove a container, and how long it is left alone in between, in milliseconds. */
const removal = { tries: 10, pause: 500 } as const;

/**
 * Throws a container away. podman refuses now and then, where the container ends by itself just while it is being ended
 * ("container state improper: stopped"): a moment later it takes the same command.
 *
 * @param options.grace seconds that its processes have to end in before they are killed. Default: 0, at once.
 * @param options.volumes also its anonymous volumes. Default: false.
 * @throws Failure with podman's own message when the container is there in the end.
 */
export async function removeContainer(
  id: string,
  { grace = 0, volumes = false }: { readonly grace?: number; readonly volumes?: boolean } = {},
): Promise<void> {
  const args = ["rm", "--force", "--time", String(grace), ...(volumes ? ["--volumes"] : []), id];
  for (let tried = 1; ; tried++) {
    const { code, tail } = await tryPodman(args);
    if (code === 0 || (await tryPodman(["container", "exists", id])).code === 1) return;
    if (tried === removal.tries) throw new Failure(`podman does not remove ${id}:\n${tail}`);
    await new Promise((resolve) => setTimeout(resolve, removal.pause));
  }
}

/** Whether a container's first process lives; a process that has its number by chance does not count. */
export function lives(pid: number, id: string): boolean {
  try {
    if (readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ")) return false;
    return readFileSync(`/proc/${pid}/cgroup`, "utf8").includes(id);
  } catch {
    return false;
  }
}
