import { Command } from "commander";

import { Failure } from "../lab/failure";
import { lines } from "../lab/output";
import { writeDocument } from "./document";
import { commit, disturbance, machine } from "./machine";
import { parts, type PartName } from "./parts";
import { plainTable, type PartResult } from "./report";
import { bench } from "./suite";

interface Options {
  readonly write?: boolean;
  readonly keep?: boolean;
}

async function main(names: readonly string[], options: Options): Promise<void> {
  const unknown = names.filter((name) => !Object.hasOwn(parts, name));
  if (unknown.length > 0) {
    throw new Failure(
      `no part ${unknown.join(", ")}; the parts are ${Object.keys(parts).join(", ")}`,
    );
  }
  const all = Object.keys(parts) as PartName[];
  const chosen = names.length === 0 ? all : all.filter((name) => names.includes(name));
  const report = lines();
  const began = new Date();
  const circumstances = {
    machine: machine(),
    date: `${began.toISOString().slice(0, 16).replace("T", " ")} UTC`,
    commit: await commit(),
    disturbance: await disturbance(bench.lab.stack),
  };
  if (circumstances.disturbance !== "") {
    report.line(`these numbers will be worse than the machine's: ${circumstances.disturbance}`);
  }
  const shared = {};
  try {
    for (const name of chosen) {
      const { title, run } = parts[name];
      report.line(title);
      const result: PartResult = await run(report, shared);
      process.stdout.write(`\n${title}\n${plainTable(result)}${result.remarks ?? ""}\n`);
      // Written after each part: a later one that fails takes nothing away.
      if (options.write === true) writeDocument(name, result, circumstances);
    }
  } finally {
    if (options.keep !== true) await bench.removeHosts();
  }
  process.stdout.write(`${Object.values(circumstances).filter(Boolean).join("\n")}\n`);
}

new Command("npm run bench --")
  .description("How fast it is, as ratios within one run. Without a part: all of them")
  .argument("[part...]", Object.keys(parts).join(", "))
  .option("--write", "also into docs/performance.md")
  .option("--keep", "leave the hosts as they are at the end")
  .action(main)
  .parseAsync()
  .catch((error: unknown) => {
    const text =
      error instanceof Failure ? error.message : error instanceof Error ? error.stack : "unknown";
    process.stderr.write(`error: ${text ?? ""}\n`);
    process.exitCode = 1;
  });
