import type { Command } from "commander";

import { sshArguments } from "../hosts/ssh";
import { kubectlAttached } from "../kubectl";
import { openLab } from "../lab";
import { attached } from "../process";
import { hostNamed, readStack } from "../stack";

/** Adds the commands that reach into the lab: ssh and kubectl. What follows their own options is passed on untouched. */
export function addReachCommands(program: Command): void {
  program
    .command("ssh <host> [command...]")
    .description("run a command on a host, or open a shell there")
    .option("--stack <stack>", "the host's stack", "dev")
    .passThroughOptions()
    .action(async (name: string, command: string[], options: { stack: string }) => {
      const lab = openLab(options.stack);
      const stack = readStack(lab);
      const host = hostNamed(stack, name, lab);
      process.exitCode = await attached("ssh", [...sshArguments(stack, host), "--", ...command]);
    });
  program
    .command("kubectl [arguments...]")
    .description("run kubectl as the cluster's administrator (on a control plane that answers)")
    .option("--stack <stack>", "the cluster's stack", "dev")
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .action(async (args: string[], options: { stack: string }) => {
      process.exitCode = await kubectlAttached(openLab(options.stack), args);
    });
}
