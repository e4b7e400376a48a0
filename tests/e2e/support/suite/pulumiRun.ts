import type { Lab } from "../../../../lab/lab";
import type { Result } from "../../../../lab/process";
import { pulumi } from "../../../../lab/pulumi";
import { finishedResource } from "../../../../lab/pulumiOutput";

/** What a run of Pulumi did. */
export interface PulumiRun {
  /** All it printed. */
  readonly output: string;
  readonly seconds: number;
  /** `created NAME`, `updated NAME`, `deleted NAME` … of every resource but those that have no work of their own. */
  readonly changed: readonly string[];
}

/** Runs Pulumi without a question, whatever its exit status. */
export async function runPulumi(
  lab: Lab,
  args: readonly string[],
): Promise<Result & { readonly seconds: number }> {
  const begin = performance.now();
  const plain = ["--non-interactive", "--color", "never"];
  const result = await pulumi(lab, [...args, ...plain], { timeout: 900 });
  return { ...result, seconds: (performance.now() - begin) / 1000 };
}

/** The same for a run that has to succeed. @throws with Pulumi's output when it fails. */
export async function succeed(lab: Lab, args: readonly string[]): Promise<PulumiRun> {
  const { code, stdout, stderr, seconds } = await runPulumi(lab, args);
  const output = `${stdout}${stderr}`;
  if (code !== 0) throw new Error(`pulumi ${args.join(" ")} ended with ${code}:\n${output}`);
  const changed = output.split("\n").flatMap((line) => {
    const found = finishedResource(line);
    return found === undefined ? [] : [`${found.deed} ${found.name}`];
  });
  return { output, seconds, changed };
}

/** The same for a run that has to fail. @returns all it printed. @throws when it succeeds. */
export async function fail(lab: Lab, args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runPulumi(lab, args);
  const output = `${stdout}${stderr}`;
  if (code === 0) throw new Error(`pulumi ${args.join(" ")} succeeded:\n${output}`);
  return output;
}
