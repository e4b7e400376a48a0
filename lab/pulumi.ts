import { spawn } from "node:child_process";
import { createWriteStream, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";

import yaml from "js-yaml";

import { Failure } from "./failure";
import type { Lab } from "./lab";
import { attached, attempt, run, type Result } from "./process";
import { diagnostics, finishedLine, resourceCounts } from "./pulumiOutput";
import { hasState, releaseDeadLocks, stateDirectory } from "./state";
import { pulumiEnvironment } from "./toolchain/environment";
import { egressAllowed } from "./upstream";

/** The passphrase of all the lab's stacks. Their state holds secrets of throw-away machines only. */
export const passphrase = "kubeadm-ha-lab";

/**
 * The salt that fits the passphrase. Pulumi would write one of its own into the stack file at the stack's making, and so change
 * a committed file; this one is in Pulumi.dev.yaml already and is added to stack files that have none.
 */
export const encryptionSalt =
  "v1:oNtngf723hE=:v1:AR9f3FwIy3OBtM0Z:acoCHMm6+sa4wgz6qjLjE6eYv9Sn2w==";

/** Commands of Pulumi that take --config-file. */
const configured = new Set([
  ...["up", "update", "preview", "pre", "destroy", "dn", "down"],
  ...["refresh", "import", "watch", "config", "logs"],
]);

async function environment(lab: Lab): Promise<{ program: string; env: Record<string, string> }> {
  const { program, env } = await pulumiEnvironment();
  return {
    program,
    env: {
      ...env,
      PULUMI_BACKEND_URL: `file://${stateDirectory(lab)}`,
      PULUMI_CONFIG_PASSPHRASE: passphrase,
      PULUMI_STACK: lab.stack,
    },
  };
}

/**
 * The stack's configuration as Pulumi gets it. It is the stack file itself where that is Pulumi's own choice; else a copy in
 * the stack's folder: with the lab's salt, and after `up --upstream` without the mirror.
 *
 * @returns the copy's path, or undefined where Pulumi reads the stack file by itself.
 */
function configFile(lab: Lab): string | undefined {
  const text = readFileSync(lab.stackFile, "utf8");
  const own = lab.stackFile === path.join(lab.root, `Pulumi.${lab.stack}.yaml`);
  const upstream = egressAllowed(lab);
  if (own && !upstream && /^encryptionsalt:/m.test(text)) return undefined;
  const content = configuration(text, upstream);
  const file = path.join(lab.directory, "config.yaml");
  mkdirSync(lab.directory, { recursive: true, mode: 0o700 });
  writeFileSync(file, content, { mode: 0o600 });
  return file;
}

/** A stack file's text with the lab's salt where it has none, and without its mirror where that is not wanted. */
export function configuration(text: string, upstream: boolean): string {
  const document = (yaml.load(text) ?? {}) as Record<string, unknown>;
  const config = { ...(document.config as Record<string, unknown> | undefined) };
  if (upstream) delete config["kubeadm-ha:mirror"];
  const salted = { encryptionsalt: encryptionSalt, ...document, config };
  return yaml.dump(salted, { lineWidth: -1, noRefs: true });
}

/** Puts `--config-file` behind the command where it takes that and the user has not given one. */
export function withConfigFile(args: readonly string[], file: string | undefined): string[] {
  const [command, ...rest] = args;
  if (file === undefined || command === undefined || !configured.has(command)) return [...args];
  if (rest.some((arg) => /^--config-file(=|$)/.test(arg))) return [...args];
  return [command, "--config-file", file, ...rest];
}

/**
 * Makes the stack in the lab's own backend where it is missing, and frees it where a killed Pulumi has left it locked. No file of
 * the checkout changes.
 */
export async function ensureStack(
  lab: Lab,
  tell: (line: string) => void = (line) => void process.stderr.write(`${line}\n`),
): Promise<void> {
  if (releaseDeadLocks(lab) > 0) tell("a Pulumi that no longer runs had locked the stack: freed");
  if (hasState(lab)) return;
  mkdirSync(stateDirectory(lab), { recursive: true, mode: 0o700 });
  const { program, env } = await environment(lab);
  // Made in a project folder of its own: Pulumi writes the salt into the stack file of the folder it is run in.
  const folder = path.join(lab.directory, "new-stack");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(path.join(folder, "Pulumi.yaml"), "name: kubeadm-ha\nruntime: nodejs\n");
  const own = path.join(folder, `Pulumi.${lab.stack}.yaml`);
  writeFileSync(own, `encryptionsalt: ${encryptionSalt}\n`);
  const args = ["stack", "init", lab.stack, "--non-interactive", "--no-select"];
  await run(program, args, { cwd: folder, env, timeout: 60 });
}

/**
 * Runs Pulumi on the stack, whatever its exit status.
 *
 * @param options.timeout seconds. Default: 1800.
 */
export async function pulumi(
  lab: Lab,
  args: readonly string[],
  options: { readonly timeout?: number; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Result> {
  await ensureStack(lab);
  const { program, env } = await environment(lab);
  return attempt(program, withConfigFile(args, configFile(lab)), {
    cwd: lab.root,
    timeout: options.timeout ?? 1800,
    env: { ...env, ...options.env },
  });
}

/** Runs Pulumi with this process' own input, output and terminal. @returns its exit status. */
export async function pulumiAttached(lab: Lab, args: readonly string[]): Promise<number> {
  await ensureStack(lab);
  const { program, env } = await environment(lab);
  return attached(program, withConfigFile(args, configFile(lab)), { cwd: lab.root, env });
}

/**
 * `pulumi up` without a question and without a preview before it. All of Pulumi's output goes to a log; each resource that
 * took its time is told when it is finished.
 *
 * Ctrl-C is Pulumi's to answer: it lets the commands under way on hosts end, and saves what they did.
 *
 * @returns what changed, such as "57 created".
 * @throws Failure with Pulumi's own diagnostics when it fails.
 */
export async function pulumiUp(lab: Lab, tell: (line: string) => void): Promise<string> {
  await ensureStack(lab, tell);
  const { program, env } = await environment(lab);
  const log = path.join(lab.directory, "up.log");
  const flags = ["--yes", "--skip-preview", "--non-interactive", "--color", "never"];
  const args = withConfigFile(["up", ...flags], configFile(lab));
  const { code, output } = await streamed(program, args, { cwd: lab.root, env, log }, (line) => {
    const finished = finishedLine(line);
    if (finished !== undefined) tell(finished);
  });
  if (code === 0) return resourceCounts(output) || "done";
  const said = diagnostics(output) || output.split("\n").slice(-20).join("\n");
  throw new Failure(`pulumi up failed:\n${said}\n  (all of its output: ${log})`);
}

/** Runs a program with its output in a file and line by line, in this process' own group, whose Ctrl-C it gets too. */
async function streamed(
  program: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env: Record<string, string>; readonly log: string },
  onLine: (line: string) => void,
): Promise<{ code: number; output: string }> {
  const log = createWriteStream(options.log, { mode: 0o600 });
  const lines: string[] = [];
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (line) => {
      lines.push(line);
      log.write(`${line}\n`);
      onLine(line);
    });
  }
  const ignore = (): void => undefined;
  const end = (): void => void child.kill("SIGINT");
  process.on("SIGINT", ignore).on("SIGTERM", end).on("SIGHUP", end);
  try {
    const code = await new Promise<number>((resolve, reject) => {
      child.on("error", (error) =>
        reject(new Failure(`pulumi cannot be started: ${error.message}`)),
      );
      child.on("close", (status) => resolve(status ?? 128));
    });
    return { code, output: lines.join("\n") };
  } finally {
    process
      .removeListener("SIGINT", ignore)
      .removeListener("SIGTERM", end)
      .removeListener("SIGHUP", end);
    await new Promise<void>((resolve) => log.end(resolve));
  }
}
