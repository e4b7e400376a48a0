import { eventually } from "./eventually";
import { journal } from "./journal";
import { runPulumi } from "./pulumiRun";
import type { Suite } from "./suite";
import { lockHolders } from "../../../lab/state";

/**
 * Begins `pulumi up` and kills Pulumi, as by `kill -9`, as soon as a step on a host has said something; then `pulumi cancel`,
 * which is what Pulumi tells its user to do.
 */
export async function killDuringUp(
  suite: Suite,
  moment: { readonly on: string; readonly line: string },
): Promise<void> {
  const begin = Date.now();
  let ended = false;
  const up = runPulumi(suite.lab, ["up", "--yes", "--skip-preview"]).finally(() => (ended = true));
  await eventually(300, async () => {
    const lines = (await journal(suite, moment.on, begin)).map(([, text]) => text);
    if (!lines.includes(moment.line) && !ended) {
      throw new Error(`${moment.on} has not said "${moment.line}":\n${lines.join("\n")}`);
    }
  });
  if (ended) throw new Error(`pulumi up ended before ${moment.on} said "${moment.line}"`);
  const holders = lockHolders(suite.lab);
  expect(holders).toHaveLength(1);
  for (const pid of holders) process.kill(pid, "SIGKILL");
  expect((await up).code).not.toBe(0);
  await runPulumi(suite.lab, ["cancel", "--yes"]);
}
