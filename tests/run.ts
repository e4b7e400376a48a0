import { Command } from "commander";

import { ensureSystemPackages } from "../lab/build/systemPackages";
import { Failure } from "../lab/failure";
import { duration, lines } from "../lab/output";
import { layers, type Layer, type Outcome } from "./layers";

/** What the tests themselves use on this machine, beside what the lab needs. */
const packages = ["shellcheck", "shfmt", "jq", "openssl", "util-linux"];

interface Selection {
  readonly unit?: boolean;
  readonly e2e?: boolean | string[];
}

/** Which layers a selection means; without one, all. */
function chosen({ unit, e2e }: Selection): readonly Layer[] {
  if (unit === true) return layers.filter(({ needsLab }) => !needsLab);
  if (e2e === undefined) return layers;
  return layers.filter(({ name }) => name === "e2e");
}

async function main(selection: Selection): Promise<void> {
  const report = lines((text) => process.stdout.write(text));
  const stories = Array.isArray(selection.e2e) ? selection.e2e : [];
  const outcomes: Outcome[] = [];
  await ensureSystemPackages(report, packages);
  for (const layer of chosen(selection)) {
    const begin = performance.now();
    process.stdout.write(`\n== ${layer.name}\n`);
    const outcome = await layer.run(stories);
    outcomes.push(outcome);
    const seconds = duration((performance.now() - begin) / 1000);
    process.stdout.write(
      `== ${layer.name}: ${outcome.passed} passed, ${outcome.failed} failed (${seconds})\n`,
    );
  }
  const sum = (key: keyof Outcome): number => outcomes.reduce((n, outcome) => n + outcome[key], 0);
  process.stdout.write(`\n${sum("passed")} passed, ${sum("failed")} failed\n`);
  if (sum("failed") > 0 || sum("passed") === 0) process.exitCode = 1;
}

new Command("npm test --")
  .description("All tests; each layer under its own heading, and one sum at the end")
  .option("--unit", "only what needs no hosts: format, lint, types, shell, units")
  .option("--e2e [story...]", "only the stories on the lab's hosts, or those that are named")
  .action(main)
  .parseAsync()
  .catch((error: unknown) => {
    const text =
      error instanceof Failure ? error.message : error instanceof Error ? error.stack : "unknown";
    process.stderr.write(`error: ${text ?? ""}\n`);
    process.exitCode = 1;
  });
