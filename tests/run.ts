import { Command, Option } from "commander";

import { Failure } from "../lab/failure";
import { duration, lines } from "../lab/output";
import { layers, type Layer } from "./layers";
import { ensureTestPackages } from "./packages";
import type { Outcome } from "./recap";
import type { Wanted } from "./stories";

interface Selection {
  readonly unit?: boolean;
  readonly e2e?: boolean | string[];
  readonly all?: boolean;
  readonly layers?: string[];
}

/** Which layers a selection means; without one, all. */
function chosen({ unit, e2e, layers: names }: Selection): readonly Layer[] {
  const wanted = [...(names ?? []), ...(unit === true ? ["units"] : []), ...(e2e ? ["e2e"] : [])];
  return wanted.length === 0 ? layers : layers.filter(({ name }) => wanted.includes(name));
}

/** Runs a layer; one that cannot even begin has failed, and the next has its turn. */
async function outcomeOf(layer: Layer, wanted: Wanted): Promise<Outcome> {
  try {
    return await layer.run(wanted);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    process.stdout.write(`${error.message}\n`);
    return { passed: 0, failed: 1 };
  }
}

async function main(selection: Selection): Promise<void> {
  const report = lines((text) => process.stdout.write(text));
  const names = Array.isArray(selection.e2e) ? selection.e2e : [];
  const wanted = { names, all: selection.all ?? false };
  const sum = { passed: 0, failed: 0 };
  const bad: string[] = [];
  const recaps: string[] = [];
  await ensureTestPackages(report);
  for (const layer of chosen(selection)) {
    const begin = performance.now();
    process.stdout.write(`\n== ${layer.name}\n`);
    const { passed, failed, recap = [] } = await outcomeOf(layer, wanted);
    const seconds = duration((performance.now() - begin) / 1000);
    process.stdout.write(`== ${layer.name}: ${passed} passed, ${failed} failed (${seconds})\n`);
    sum.passed += passed;
    sum.failed += failed;
    recaps.push(...recap);
    // A layer in which nothing ran has shown nothing.
    if (failed > 0 || passed === 0) bad.push(layer.name);
  }
  const total = duration(performance.now() / 1000);
  const verdict = bad.length === 0 ? "all layers are green" : `not green: ${bad.join(", ")}`;
  for (const recap of recaps) process.stdout.write(`\nfailed: ${recap}\n`);
  process.stdout.write(`\n${verdict} (${total})\n${sum.passed} passed, ${sum.failed} failed\n`);
  if (bad.length > 0) process.exitCode = 1;
}

new Command("npm test --")
  .description("All tests; each layer under its own heading, and one sum at the end")
  .option("--unit", "only the units")
  .option("--e2e [story...]", "only the stories on the lab's hosts, or those that are named")
  .option("--all", "with --e2e: also the stories that CI has no time for")
  .addOption(
    new Option("--layers <layer...>", "only these layers").choices(layers.map(({ name }) => name)),
  )
  .action(main)
  .parseAsync()
  .catch((error: unknown) => {
    const text =
      error instanceof Failure ? error.message : error instanceof Error ? error.stack : "unknown";
    process.stderr.write(`error: ${text ?? ""}\n`);
    process.exitCode = 1;
  });
