import type { Command } from "commander";

import { kubectl } from "../kubectl";
import { openLab, type Lab } from "../lab";
import { duration, lines, table, type Progress } from "../output";
import { bringUp, type UpOptions } from "../up";
import { alone } from "../stackLock";
import { takeDown } from "./down";

/** Adds `up`, which is also what happens without a command, and `reset`. */
export function addUpCommands(program: Command): void {
  program
    .command("up [stack]")
    .description("build what is missing, start mirror and hosts, and make the cluster on them")
    .option("--upstream", "use the internet instead of the mirror and its builds")
    .option("--take-over", "throw away hosts of this stack that another checkout has made")
    .action(async (stack = "dev", options: UpOptions) => {
      const lab = openLab(stack as string);
      const report = lines();
      await bringUp(lab, options, report);
      await conclude(lab, report);
    });
  program
    .command("reset [stack]")
    .description("the same on new hosts with a new state; builds are kept")
    .option("--upstream", "use the internet instead of the mirror and its builds")
    .option("--take-over", "also hosts that another checkout has made")
    .action(async (stack = "dev", options: UpOptions) => {
      const lab = openLab(stack as string);
      const report = lines();
      await alone(lab, report, () => takeDown(lab, options.takeOver ?? false, report));
      await bringUp(lab, options, report);
      await conclude(lab, report);
    });
}

/** The cluster's nodes, how long each phase took, and what to try next. */
async function conclude(lab: Lab, report: Progress): Promise<void> {
  const nodes = await kubectl(lab, ["get", "nodes", "-o", "wide"]);
  const phases = [...report.phases, { name: "all", seconds: process.uptime() }];
  const times = table(phases.map((phase) => [`  ${phase.name}`, duration(phase.seconds)]));
  const flag = lab.stack === "dev" ? "" : ` --stack ${lab.stack}`;
  const word = (text: string): string => `  npm run lab -- ${text}\n`;
  process.stdout.write(
    [
      `\n${nodes.stdout}${nodes.stderr}`,
      `\nTimes:\n${times}`,
      "\nNext:\n",
      word(`kubectl${flag} get pods -A -o wide`),
      word(`pulumi${flag} preview --expect-no-changes`),
      word(`stop${flag} cp1       # the API goes on; then: start${flag} cp1`),
      word(`ssh${flag} cp1`),
      word(`down ${lab.stack}`.replace(/ dev$/, "")),
    ].join(""),
  );
}
