import type { Command } from "commander";

import { openLab } from "../lab";
import { pulumiAttached } from "../pulumi";

/** Adds `pulumi`: the lab's Pulumi with the stack selected. What follows is Pulumi's own. */
export function addPulumiCommand(program: Command): void {
  program
    .command("pulumi [arguments...]")
    .description("run Pulumi on the stack")
    .option("--stack <stack>", "the stack", "dev")
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .action(async (args: string[], options: { stack: string }) => {
      process.exitCode = await pulumiAttached(openLab(options.stack), args);
    });
}
