import { readFileSync } from "node:fs";
import { join } from "node:path";

import { condensed } from "./condensed";
import { packed } from "./packing";
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
 * Steps that carry their whole program: they run before the library is on the host; or one host runs them for all, and the
 * others need not have them.
 */
export type SelfContainedStep = Extract<Step, "preflight" | PrepareStep> | ClusterStep;

/** Steps that run from the library that `prepare` puts on the host. */
export type LibraryStep = Exclude<Step, SelfContainedStep>;

/** Where `prepare` puts the library; `run` in it takes a step's name. */
export const libraryPath = "/usr/local/lib/kubeadm-ha";

/** Which library steps a host of a role can be asked to run. */
export const librarySteps: Readonly<Record<Role, readonly LibraryStep[]>> = {
  "load-balancer": ["configure-balancer", "verify-balancer", "teardown"],
  etcd: ["trust-etcd", "join-etcd", "teardown"],
  "control-plane": ["trust-control-plane", "join", "version", "teardown"],
  worker: ["trust-worker", "join", "teardown"],
};

/** What the library steps and the cluster steps of a role share beside lib.sh and changes.sh; `run` reads what it finds. */
export const sharedScripts: Readonly<Record<Role, readonly string[]>> = {
  "load-balancer": ["ports"],
  etcd: ["ports", "etcd"],
  "control-plane": ["ports", "node", "cluster"],
  worker: ["node"],
};

/** Scripts that stand in front of a library step's own, where that differs by role. */
const partsByRole: Partial<Record<LibraryStep, Readonly<Partial<Record<Role, string[]>>>>> = {
  join: { "control-plane": ["roles/join-control-plane"] },
  teardown: {
    "load-balancer": ["shared/packages", "roles/teardown-balancer"],
    etcd: ["shared/packages", "roles/teardown-etcd"],
    "control-plane": ["shared/packages", "roles/teardown-node", "roles/teardown-control-plane"],
    worker: ["shared/packages", "roles/teardown-node"],
  },
};

/** A preflight may meet any system. */
const cannotBeUnpacked = `{ echo "$HOST_NAME: preflight: has no basenc or gunzip; supported are Debian 12, Ubuntu 22.04 and 24.04" >&2; exit 3; }`;

const folder = join(__dirname, "..", "scripts");
const programs = new Map<string, string>();

/**
 * A self-contained step's program as shell text for standard input. It comes packed: what `preview --diff` should show
 * are the parameters in front of it, and the state holds every input twice.
 *
 * @param role whose library `prepare-…` installs, and what steps for a whole cluster share with it.
 */
export function program(step: SelfContainedStep, role: Role): string {
  const key = `${step} ${role}`;
  const text =
    programs.get(key) ??
    packed(assemble(step, role), step === "preflight" ? cannotBeUnpacked : undefined);
  programs.set(key, text);
  return text;
}

function assemble(step: SelfContainedStep, role: Role): string {
  const isPrepare = step.startsWith("prepare-");
  const isForCluster = Object.values(clusterSteps).some((steps: readonly Step[]) =>
    steps.includes(step),
  );
  return [
    script("shared/lib"),
    ...(step === "preflight" ? [] : [script("shared/changes")]),
    ...(isPrepare
      ? [installLibrary(role), script("shared/packages"), script("shared/prepare-base")]
      : []),
    ...(isForCluster ? sharedScripts[role].map((name) => script(`shared/${name}`)) : []),
    script(`steps/${step}`),
    `run_step ${step}\n`,
  ].join("\n");
}

/** A file of a host's library. */
export interface LibraryFile {
  readonly name: string;
  /** Its permissions, in octal digits. */
  readonly mode: string;
  readonly text: string;
}

/** A role's library, in the order in which it is written. */
export function libraryFiles(role: Role): readonly LibraryFile[] {
  const file = (name: string, parts: readonly string[]): LibraryFile => ({
    name: `${name}.sh`,
    mode: "0644",
    text: parts.map(script).join(""),
  });
  return [
    ...["lib", "changes", ...sharedScripts[role]].map((name) => file(name, [`shared/${name}`])),
    ...librarySteps[role].map((step) =>
      file(step, [...(partsByRole[step]?.[role] ?? []), `steps/${step}`]),
    ),
    // Last: who finds `run` finds a whole library.
    { name: "run", mode: "0755", text: script("launch/run") },
  ];
}

/** What a teardown has on standard input behind its parameters: the teardown itself is in the host's library. */
export function beginTeardown(): string {
  return script("launch/begin-teardown");
}

/** The shell function that writes the role's library. */
function installLibrary(role: Role): string {
  const end = "END_OF_KUBEADM_HA_SCRIPT";
  const files = libraryFiles(role);
  const kept = files.map(({ name }) => `! -name ${name}`);
  const writing = files.map(({ name, mode, text }) =>
    [
      // What another version had: `run` reads what it finds.
      ...(name === "run" ? [`find "$LIBRARY" -name '*.sh*' ${kept.join(" ")} -delete\n`] : []),
      // While not all are of one version there is no `run`.
      `write_file "$LIBRARY/${name}" ${mode} rm -f "$LIBRARY/run" <<'${end}' || true\n${text}${end}\n`,
    ].join(""),
  );
  return `install_library() {\n${writing.join("")}}\n`;
}

/** A script of components/scripts. */
function script(name: string): string {
  return condensed(readFileSync(join(folder, `${name}.sh`), "utf8"));
}
