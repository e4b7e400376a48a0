import type { Command } from "commander";

import { removeHosts } from "../hosts/fleet";
import { openLab, type Lab } from "../lab";
import { lines, type Progress } from "../output";
import { alone } from "../stackLock";
import { dropState, hasState } from "../state";

/** Adds `down`. */
export function addDownCommand(program: Command): void {
  program
    .command("down [stack]")
    .description("throw a stack's hosts away, and Pulumi's state of them")
    .option("--take-over", "also hosts that another checkout has made")
    .action(async (stack = "dev", options: { takeOver?: true }) => {
      const lab = openLab(stack as string);
      const report = lines();
      await alone(lab, report, () => takeDown(lab, options.takeOver ?? false, report));
    });
}

/**
 * Throws away a stack's hosts, and its state: the machines that it tells of are gone. Builds, mirror and the SSH key pair stay.
 *
 * @param takeOver also hosts that another, still existing checkout has made.
 */
export async function takeDown(lab: Lab, takeOver: boolean, report: Progress): Promise<void> {
  await report.step(`hosts of ${lab.stack}`, async (note) => {
    const gone = await removeHosts(lab, takeOver, note);
    return gone.length === 0 ? "there were none" : `${gone.length} thrown away`;
  });
  if (!hasState(lab)) return;
  dropState(lab);
  report.line(`Pulumi's state of ${lab.stack}: dropped, as its machines are gone`);
}
