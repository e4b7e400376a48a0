import { readFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";

import { listHosts } from "../lab/hosts/containers";
import { checkout } from "../lab/lab";
import { attempt } from "../lab/process";

/** "2 cores (AMD EPYC …), 23 GiB of memory, Linux 6.1.0, Node.js 20.20.0". */
export function machine(): string {
  const cores = cpus();
  const model = cores[0]?.model.trim() ?? "";
  const memory = Math.round(totalmem() / 2 ** 30);
  return [
    `${cores.length} cores${model === "" || model === "unknown" ? "" : ` (${model})`}`,
    `${memory} GiB of memory`,
    `Linux ${release()}`,
    `Node.js ${process.versions.node}`,
  ].join(", ");
}

/** The commit that is measured, and whether the checkout differs from it. */
export async function commit(): Promise<string> {
  const git = async (args: readonly string[]): Promise<string> =>
    (await attempt("git", args, { cwd: checkout })).stdout.trim();
  const hash = (await git(["rev-parse", "--short", "HEAD"])) || "unknown commit";
  const product = ["index.ts", "components", "config", "package-lock.json"];
  const changed = await git(["status", "--porcelain", "--", ...product]);
  return changed === "" ? hash : `${hash} with uncommitted changes`;
}

/**
 * What else keeps this machine busy, which makes numbers worse: hosts of other stacks, and the load before the run.
 *
 * @returns an empty text where nothing does.
 */
export async function disturbance(own: string): Promise<string> {
  const others = (await listHosts()).filter(
    ({ stack, state }) => stack !== own && state === "running",
  );
  const stacks = [...new Set(others.map(({ stack }) => stack))].join(", ");
  const load = Number(readFileSync("/proc/loadavg", "utf8").split(" ")[0]);
  return [
    ...(others.length > 0 ? [`${others.length} hosts of other stacks run (${stacks})`] : []),
    ...(load > cpus().length / 2 ? [`the load was ${load} before the run`] : []),
  ].join("; ");
}
