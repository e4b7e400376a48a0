import { readFileSync } from "node:fs";
import { join } from "node:path";

import { gzipSync, strToU8 } from "fflate";

import type { Role, Step } from "./steps";

/** Steps that make a host ready for its role. */
export type PrepareStep = "prepare-balancer" | "prepare-etcd" | "prepare-node";

/** Steps for a whole cluster, by the role of the hosts of which one runs them: the first in the stack file. */
export const clusterSteps = {
  etcd: ["found-etcd", "admit-etcd", "roster-etcd"],
  "control-plane": ["found", "addons", "admit", "roster", "verify"],
} as const;

/** A step for a whole cluster. */
export type ClusterStep = (typeof clusterSteps)[keyof typeof clusterSteps][number];

/**
 * Steps that carry their whole program: they run before the library is on the host, or after it may be gone; or one host
 * runs them for all, and the others need not have them.
 */
export type SelfContainedStep = Extract<Step, "preflight" | PrepareStep | "teardown"> | ClusterStep;

/** Steps that run from the library that `prepare` puts on the host. */
export type LibraryStep = Exclude<Step, SelfContainedStep>;

/** Where `prepare` puts the library; `run` in it takes a step's name. */
export const libraryPath = "/usr/local/lib/kubeadm-ha";

/** Which library steps a host of a role can be asked to run. */
export const librarySteps: Readonly<Record<Role, readonly LibraryStep[]>> = {
  "load-balancer": ["configure-balancer", "verify-balancer"],
  etcd: ["trust-etcd", "join-etcd"],
  "control-plane": ["trust-control-plane", "join", "version"],
  worker: ["trust-worker", "join"],
};

/** What the library steps and the cluster steps of a role share beside lib.sh and changes.sh; `run` reads what it finds. */
export const sharedScripts: Readonly<Record<Role, readonly string[]>> = {
  "load-balancer": [],
  etcd: ["etcd"],
  "control-plane": ["cluster"],
  worker: ["cluster"],
};

/** What a teardown removes, by role, beside what every host has. */
const teardownOf: Readonly<Record<Role, string>> = {
  "load-balancer": "teardown-balancer",
  etcd: "teardown-etcd",
  "control-plane": "teardown-node",
  worker: "teardown-node",
};

const folder = join(__dirname, "..", "scripts");
const packed = new Map<string, string>();

/**
 * A self-contained step's program as shell text for standard input. It comes packed: what `preview --diff` should show
 * are the parameters in front of it, and the state holds every input twice. fflate packs the same on every machine and
 * Node.js version (node:zlib does not), so a colleague's laptop never shows a change where there is none.
 *
 * @param role whose library `prepare-…` installs, and what steps for a whole cluster share with it.
 */
export function program(step: SelfContainedStep, role: Role): string {
  const key = `${step} ${role}`;
  const text = packed.get(key) ?? pack(assemble(step, role));
  packed.set(key, text);
  return text;
}

function assemble(step: SelfContainedStep, role: Role): string {
  const isPrepare = step.startsWith("prepare-");
  const isForCluster = Object.values(clusterSteps).some((steps: readonly Step[]) =>
    steps.includes(step),
  );
  return [
    script("lib"),
    ...(step === "preflight" || step === "teardown" ? [] : [script("changes")]),
    ...(isPrepare ? [script("packages")] : []),
    ...(step === "teardown" ? ["packages", teardownOf[role]].map(script) : []),
    isPrepare ? script("prepare-base") + installLibrary(role) : "",
    ...(isForCluster ? sharedScripts[role].map(script) : []),
    script(step),
    `run_step ${step}\n`,
  ].join("\n");
}

/** The shell function that writes the role's library. */
function installLibrary(role: Role): string {
  const files = [
    ...["lib", "changes", ...sharedScripts[role]].map((name) =>
      writeFile(`${name}.sh`, "0644", script(name)),
    ),
    ...librarySteps[role].map((step) => writeFile(`${step}.sh`, "0644", script(step))),
    // Last: who finds `run` finds a whole library.
    writeFile("run", "0755", script("run")),
  ];
  return `install_library() {\n${files.join("")}}\n`;
}

function writeFile(name: string, mode: string, text: string): string {
  const end = "END_OF_KUBEADM_HA_SCRIPT";
  return `write_file "$LIBRARY/${name}" ${mode} <<'${end}' || true\n${text}${end}\n`;
}

/** A script without its comments, which would be a third of what the state and every host keep. */
function script(name: string): string {
  return readFileSync(join(folder, `${name}.sh`), "utf8").replace(/^[ \t]*(#(?!!).*)?\n/gm, "");
}

function pack(text: string): string {
  const bytes = gzipSync(strToU8(text), { level: 9, mtime: 0 });
  const lines =
    Buffer.from(bytes)
      .toString("base64")
      .match(/.{1,120}/g) ?? [];
  return `eval "$(base64 -d <<'PROGRAM' | gunzip\n${lines.join("\n")}\nPROGRAM\n)"\nexit\n`;
}
