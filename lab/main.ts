import { Command } from "commander";

import { addCleanCommand } from "./commands/clean";
import { addDownCommand } from "./commands/down";
import { addPowerCommands } from "./commands/power";
import { addPulumiCommand } from "./commands/pulumi";
import { addReachCommands } from "./commands/reach";
import { addStatusCommand } from "./commands/status";
import { addUpCommands } from "./commands/up";
import { addWipeCommand } from "./commands/wipe";
import { Failure } from "./failure";

/** The lab's command line: which commands there are. What they do is in commands/. */
function program(): Command {
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

program()
  .parseAsync(withCommand(process.argv.slice(2)), { from: "user" })
  .catch((error: unknown) => {
    const text = error instanceof Failure ? error.message : describe(error);
    process.stderr.write(`error: ${text}\n`);
    process.exitCode = 1;
  });

/** Without a command, `up` is meant, be it with its options. */
function withCommand(args: readonly string[]): string[] {
  const [first] = args;
  const named = first !== undefined && (!first.startsWith("-") || /^(-h|--help)$/.test(first));
  return named ? [...args] : ["up", ...args];
}

/** A fault of the lab itself: with its stack, for whoever mends it. */
function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
