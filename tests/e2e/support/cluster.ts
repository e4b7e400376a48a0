import { readFileSync, writeFileSync } from "node:fs";

import yaml from "js-yaml";

import { lines } from "../../../lab/output";
import type { Result } from "../../../lab/process";
import { pulumi } from "../../../lab/pulumi";
import { finishedResource } from "../../../lab/pulumiOutput";
import { dropState } from "../../../lab/state";
import { prepareHosts } from "../../../lab/up";
import { removeHosts } from "../../../lab/hosts/fleet";
import { lab, writeStackFile, type StackFile } from "./stackFile";

/** What a run of Pulumi did. */
export interface PulumiRun {
  /** All it printed. */
  readonly output: string;
  readonly seconds: number;
  /** `created NAME`, `updated NAME`, `deleted NAME` … of every resource but those that have no work of their own. */
  readonly changed: readonly string[];
}

/** Machines that nobody has used before, whatever was there. */
export async function freshHosts(): Promise<void> {
  await removeHosts(lab, true, () => undefined);
  dropState(lab);
  await addHosts();
}

/** The hosts that the stack file has and the lab has not yet. */
export async function addHosts(): Promise<void> {
  await prepareHosts(lab, { takeOver: true }, lines());
}

/** The cluster as the committed stack file has it, made or mended where it is not. For a story that runs alone. */
export async function ensureCluster(): Promise<void> {
  writeStackFile();
  await addHosts();
  await pulumiUp();
}

/** `pulumi up` without a question. @throws with Pulumi's output when it fails. */
export function pulumiUp(flags: readonly string[] = []): Promise<PulumiRun> {
  return succeed(["up", "--yes", "--skip-preview", ...flags]);
}

/** `pulumi destroy` without a question. @throws with Pulumi's output when it fails. */
export function pulumiDestroy(): Promise<PulumiRun> {
  return succeed(["destroy", "--yes", "--skip-preview"]);
}

/**
 * `pulumi preview`. @throws with Pulumi's output when it fails.
 *
 * @param edit previews the stack file with this change, which is not kept.
 */
export async function pulumiPreview(
  flags: readonly string[] = [],
  edit?: (stack: StackFile) => void,
): Promise<PulumiRun> {
  if (edit === undefined) return succeed(["preview", ...flags]);
  const kept = readFileSync(lab.stackFile, "utf8");
  const stack = yaml.load(kept) as StackFile;
  edit(stack);
  writeFileSync(lab.stackFile, yaml.dump(stack));
  try {
    return await succeed(["preview", ...flags]);
  } finally {
    writeFileSync(lab.stackFile, kept);
  }
}

/** A stack output, secret or not. */
export async function stackOutput<T>(name: string): Promise<T> {
  const result = await pulumi(lab, ["stack", "output", "--json", "--show-secrets"]);
  return (JSON.parse(result.stdout) as Record<string, T>)[name] as T;
}

/** Runs Pulumi on the stories' stack, whatever its exit status. */
export async function runPulumi(args: readonly string[]): Promise<Result & { seconds: number }> {
  const begin = performance.now();
  const plain = ["--non-interactive", "--color", "never"];
  const result = await pulumi(lab, [...args, ...plain], { timeout: 900 });
  return { ...result, seconds: (performance.now() - begin) / 1000 };
}

async function succeed(args: readonly string[]): Promise<PulumiRun> {
  const { code, stdout, stderr, seconds } = await runPulumi(args);
  const output = `${stdout}${stderr}`;
  if (code !== 0) throw new Error(`pulumi ${args.join(" ")} ended with ${code}:\n${output}`);
  const changed = output.split("\n").flatMap((line) => {
    const found = finishedResource(line);
    return found === undefined ? [] : [`${found.deed} ${found.name}`];
  });
  return { output, seconds, changed };
}
