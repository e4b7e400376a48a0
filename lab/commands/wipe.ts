import type { Command } from "commander";

import { ensureHostImage } from "../build/artefacts";
import { wipeHost } from "../hosts/fleet";
import { openLab } from "../lab";
import { lines } from "../output";
import { hostNamed, readStack } from "../stack";
import { alone } from "../stackLock";
import { egressAllowed } from "../upstream";

/** Adds `wipe`. */
export function addWipeCommand(program: Command): void {
  program
    .command("wipe <host>")
    .description("a new machine of that name: an empty disk, new host keys")
    .option("--stack <stack>", "the host's stack", "dev")
    .action(async (name: string, options: { stack: string }) => {
      const lab = openLab(options.stack);
      const stack = readStack(lab);
      const host = hostNamed(stack, name, lab);
      const report = lines();
      await alone(lab, report, async () => {
        const egress = egressAllowed(lab);
        const image = await ensureHostImage(report);
        await report.step(`wipe ${name}`, (note) =>
          wipeHost(lab, stack, host, { image, egress }, note),
        );
      });
    });
}
