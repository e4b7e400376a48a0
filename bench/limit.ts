import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import { mirror } from "../lab/mirror/mirror";
import { checkout } from "../lab/lab";
import { run } from "../lab/process";
import { readStack } from "../lab/stack";
import { bench, place } from "./suite";

/** The folder with what is run on the hosts by hand. */
export const limitFolder = path.join(__dirname, "limit");

/**
 * The SHA-256 of the folder. It is frozen: runs can be compared only with the same limit. Whoever mends the limit says so
 * in the changelog, and measures anew.
 */
export const frozen = "cb7d6c667865a1cb43d11f0b28158787dc33ea3c673d6a79be779a4cd161654a";

/** The SHA-256 over names and contents of the files of the limit. */
export function hashOfLimit(): string {
  const hash = createHash("sha256");
  for (const name of readdirSync(limitFolder).sort()) {
    hash
      .update(`${name}\0`)
      .update(readFileSync(path.join(limitFolder, name)))
      .update("\0");
  }
  return hash.digest("hex");
}

/** The part of a limit's run, and its seconds. */
export interface LimitStep {
  readonly name: string;
  readonly seconds: number;
}

/** One bring-up by hand. */
export interface LimitRun {
  readonly seconds: number;
  readonly steps: readonly LimitStep[];
}

/** The Kubernetes that the lab's stack file has, with its defaults. */
const software = {
  KUBERNETES_VERSION: "1.37.2",
  FLANNEL_IMAGES:
    "ghcr.io/flannel-io/flannel:v0.28.10 ghcr.io/flannel-io/flannel-cni-plugin:v1.9.1-flannel1",
} as const;

/**
 * Brings a cluster up by hand on hosts that nobody has used before.
 *
 * @throws Failure with its last lines when it does not come up, and an error where the limit is not the frozen one.
 */
export async function bringUpByHand(): Promise<LimitRun> {
  if (hashOfLimit() !== frozen) throw new Error("bench/limit is not what was frozen");
  const stack = readStack(bench.lab);
  const work = path.join(bench.lab.directory, "limit");
  mkdirSync(work, { recursive: true, mode: 0o700 });
  const began = performance.now();
  const { stdout } = await run("bash", [path.join(limitFolder, "up.sh")], {
    timeout: 600,
    env: {
      ...software,
      NET: place.network,
      PORTS: place.ports,
      SSH_KEY: stack.privateKeyFile,
      SSH_USER: stack.user,
      KNOWN_HOSTS: stack.knownHosts,
      APT_KEY: path.join(checkout, ".lab", "mirror", "apt-key.asc"),
      MIRROR: mirror.address,
      WORK: work,
    },
  });
  return { seconds: (performance.now() - began) / 1000, steps: stepsOf(stdout) };
}

/** Reads the lines that tell how long each part took: "TIME init 11873 ms". */
export function stepsOf(output: string): LimitStep[] {
  return [...output.matchAll(/^TIME (\S+) (\d+) ms$/gm)].map(([, name = "", ms]) => ({
    name,
    seconds: Number(ms) / 1000,
  }));
}
