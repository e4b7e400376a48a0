import { Command } from "commander";

import { addCleanCommand } from "./commands/clean";
import { addDownCommand } from "./commands/down";
import { addPowerCommands } from "./commands/power";
import { addReachCommands } from "./commands/reach";
import { addStatusCommand } from "./commands/status";
import { Failure } from "./failure";

/** The lab's command line: which commands there are. What they do is in commands/. */
function program(): Command {
  const lab = new Command("npm run lab --")
    .description("Local hosts, and a Kubernetes cluster on them. Without a command: up")
    .enablePositionalOptions()
    .helpOption("-h, --help", "show this, or a command's own options")
    .helpCommand(false)
    .showHelpAfterError("(all commands: npm run lab -- --help)");
  addDownCommand(lab);
  addStatusCommand(lab);
  addReachCommands(lab);
  addPowerCommands(lab);
  addCleanCommand(lab);
  return lab;
}

program()
  .parseAsync()
  .catch((error: unknown) => {
    const text = error instanceof Failure ? error.message : describe(error);
    process.stderr.write(`error: ${text}\n`);
    process.exitCode = 1;
  });

/** A fault of the lab itself: with its stack, for whoever mends it. */
function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
