import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";

import { z } from "zod";

import type { MirrorParts } from "../build/artefacts";
import { cacheDirectory } from "../build/cache";
import { withLock } from "../build/lock";
import { registryConfig } from "../build/registry";
import { versions } from "../build/versions";
import { Failure } from "../failure";
import { ensureNetwork, macAddress, network } from "../hosts/network";
import {
  lives,
  podman,
  podmanIsThere,
  recordDeath,
  removeContainer,
  tryPodman,
} from "../hosts/podman";
import { checkout } from "../lab";

/** The mirror's container and address: one for all stacks of this machine. */
export const mirror = { container: "kha-mirror", address: "198.18.255.2" } as const;

/** "dead": its processes are gone, or do not answer, though podman says that it runs. */
export type MirrorState = "running" | "dead" | "absent";

const label = "kubeadm-ha.mirror";

/** How long a new mirror may take to answer, in milliseconds. */
const patience = 20_000;

/** What has to answer inside the container. */
const probes = [
  "http://127.0.0.1/apt/InRelease",
  "http://127.0.0.1/files/",
  "http://127.0.0.1:5000/v2/",
];

const inspected = z
  .array(
    z.object({
      Id: z.string(),
      State: z.object({ Status: z.string(), Pid: z.number() }),
      Config: z.object({ Labels: z.record(z.string(), z.string()).nullish() }),
    }),
  )
  .length(1);

/**
 * Makes the mirror run with the given parts, and puts what its users check its files by into this checkout's `.lab/mirror/`: the
 * public key of its packages, and the checksums of its etcd archives. A mirror that runs with these parts and answers is left as
 * it is; one that is dead, or made of others, is made anew. Hosts that use it notice at most a second's break.
 *
 * @returns what was done: "runs already" or "started".
 * @throws Failure with the container's last lines when it does not answer.
 */
export async function startMirror(parts: MirrorParts): Promise<string> {
  publish(parts.aptKey, "apt-key.asc");
  publish(etcdChecksums(parts.files), "etcd-SHA256SUMS");

  const settings = path.join(cacheDirectory(), "settings");
  mkdirSync(settings, { recursive: true });
  // Another checkout may start it at this very moment.
  return withLock(
    path.join(settings, "mirror.lock"),
    () => undefined,
    async () => {
      await ensureNetwork();
      const config = path.join(settings, "registry.yml");
      const text = registryConfig(":5000", "/registry", true);
      if (!existsSync(config) || readFileSync(config, "utf8") !== text) writeFileSync(config, text);
      const args = runArguments(parts, config);
      const made = createHash("sha256")
        .update(JSON.stringify([args, text]))
        .digest("hex")
        .slice(0, 16);
      const found = await inspect();
      if (found !== undefined) {
        if (found.made === made && found.alive && (await answers())) return "runs already";
        await remove(found);
      }
      await podman(["run", "--detach", "--label", `${label}=${made}`, ...args]);
      await untilAnswers();
      return "started";
    },
  );
}

/** Copies a file into this checkout's `.lab/mirror/`, which stack files refer to. */
function publish(file: string, name: string): void {
  const folder = path.join(checkout, ".lab", "mirror");
  mkdirSync(folder, { recursive: true });
  const to = path.join(folder, name);
  copyFileSync(file, `${to}.new`);
  renameSync(`${to}.new`, to);
}

/** The checksums beside the mirror's etcd archives, as upstream publishes them with each release. */
function etcdChecksums(files: string): string {
  return path.join(files, "etcd", `v${versions.etcd}`, "SHA256SUMS");
}

/** What the mirror is doing. */
export async function mirrorStatus(): Promise<MirrorState> {
  const found = await inspect();
  if (found === undefined) return "absent";
  return found.alive && (await answers()) ? "running" : "dead";
}

/** Removes the mirror; its data stay in the cache. Harmless where there is none. */
export async function stopMirror(): Promise<void> {
  const found = await inspect();
  if (found !== undefined) await remove(found);
}

/** The arguments of `podman run` after its first options. */
function runArguments(parts: MirrorParts, config: string): string[] {
  const mounts: Readonly<Record<string, string>> = {
    "/mirror": parts.server,
    "/docker-registry": parts.registryProgram,
    "/registry.yml": config,
    "/registry": parts.registry,
    "/www/apt": parts.apt,
    "/www/files": parts.files,
  };
  return [
    ...["--name", mirror.container, "--hostname", mirror.container],
    ...["--ulimit", "nofile=20000:20000", "--ulimit", "nproc=32768:32768", "--pids-limit", "-1"],
    ...["--network", network.name, "--ip", mirror.address],
    ...["--mac-address", macAddress(mirror.address), "--stop-timeout", "2"],
    ...Object.entries(mounts).flatMap(([to, from]) => ["--volume", `${from}:${to}:ro`]),
    parts.image,
    ...["/mirror", "serve", ":80", "/www", "/docker-registry", "serve", "/registry.yml"],
  ];
}

interface Found {
  readonly id: string;
  readonly status: string;
  readonly alive: boolean;
  /** What it was made of, as its label says. */
  readonly made: string | undefined;
}

async function inspect(): Promise<Found | undefined> {
  if (!podmanIsThere()) return undefined;
  const result = await tryPodman(["container", "inspect", mirror.container]);
  if (result.code !== 0) return undefined;
  const [one] = inspected.parse(JSON.parse(result.stdout));
  if (one === undefined) return undefined;
  const { Status: status, Pid: pid } = one.State;
  const alive = status === "running" && lives(pid, one.Id);
  return { id: one.Id, status, alive, made: one.Config.Labels?.[label] };
}

async function remove(found: Found): Promise<void> {
  if (!found.alive && ["running", "stopping"].includes(found.status)) await recordDeath(found.id);
  await removeContainer(found.id, { grace: 2 });
}

async function answers(): Promise<boolean> {
  const result = await tryPodman(["exec", mirror.container, "/mirror", "check", ...probes]);
  return result.code === 0;
}

async function untilAnswers(): Promise<void> {
  const deadline = Date.now() + patience;
  while (!(await answers())) {
    if (Date.now() > deadline || !((await inspect())?.alive ?? false)) {
      const logs = await tryPodman(["logs", "--tail", "5", mirror.container]);
      throw new Failure(`the mirror does not answer:\n${logs.tail}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
