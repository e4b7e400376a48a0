import { Command } from "commander";

import { addCleanCommand } from "./commands/clean";
import { addDownCommand } from "./commands/down";
import { addPowerCommands } from "./commands/power";
import { addPulumiCommand } from "./commands/pulumi";
import { addReachCommands } from "./commands/reach";
import { addStatusCommand } from "./commands/status";
import { addUpCommands } from "./commands/up";
import { addWipeCommand } from "./commands/wipe";

/** The lab's command line: which commands there are. What they do is in commands/. */
export function program(): Command {
  const lab = new Command("npm run lab --")
    .description("Local hosts, and a Kubernetes cluster on them. Without a command: up")
    .enablePositionalOptions()
    .helpOption("-h, --help", "show this, or a command's own options")
    .helpCommand(false)
    .showHelpAfterError("(all commands: npm run lab -- --help)");
  addUpCommands(lab);
  addDownCommand(lab);
  addStatusCommand(lab);
  addReachCommands(lab);
  addPulumiCommand(lab);
  addPowerCommands(lab);
  addWipeCommand(lab);
  addCleanCommand(lab);
  return lab;
}

/** Without a command, `up` is meant, be it with its options. */
export function withCommand(args: readonly string[]): string[] {
  const [first] = args;
  const named = first !== undefined && (!first.startsWith("-") || /^(-h|--help)$/.test(first));
  return named ? [...args] : ["up", ...args];
}
