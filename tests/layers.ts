import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { ensureArtefacts } from "../lab/build/artefacts";
import { lines } from "../lab/output";
import { attached, attempt, capture } from "../lab/process";
import { toolchainRecipes } from "../lab/toolchain/environment";
import { jestOutcome, type Outcome } from "./recap";
import { chosenStories, patternsOf, stories, type Wanted } from "./stories";

/** A kind of test, with a program that judges it. */
export interface Layer {
  readonly name: string;
  /** @param wanted the e2e stories that are wanted. */
  run(wanted: Wanted): Promise<Outcome>;
}

const root = path.join(__dirname, "..");
const bin = (name: string): string => path.join(root, "node_modules", ".bin", name);

/** All layers, the quickest first. */
export const layers: readonly Layer[] = [
  program("format", bin("prettier"), ["--check", "."]),
  program("lint", bin("eslint"), ["--max-warnings", "0", "."]),
  program("types", bin("tsc"), ["--noEmit", "-p", "tsconfig.check.json"]),
  shell("shellcheck", ["-x", "-P", root]),
  shell("shfmt", ["-i", "2", "-ci", "-d"]),
  { name: "units", run: () => jest(["--selectProjects", "unit"]) },
  { name: "go", run: goTests },
  { name: "judges", run: () => jest(["--selectProjects", "judges"]) },
  { name: "e2e", run: tellStories },
];

/** A program whose exit status is the verdict: one test. */
function program(name: string, command: string, args: readonly string[]): Layer {
  return {
    name,
    run: async () => verdict((await attached(command, args, { cwd: root })) === 0),
  };
}

/** The same over every shell script in the repository. */
function shell(name: string, args: readonly string[]): Layer {
  return {
    name,
    async run() {
      const listed = await capture("git", ["ls-files", "*.sh", ".ci/run"], { cwd: root });
      const files = listed.split("\n").filter((file) => file !== "" && !file.includes("/golden/"));
      return verdict((await attached(name, [...args, ...files], { cwd: root })) === 0);
    },
  };
}

function verdict(passed: boolean): Outcome {
  return { passed: passed ? 1 : 0, failed: passed ? 0 : 1 };
}

async function jest(args: readonly string[]): Promise<Outcome> {
  const folder = mkdtempSync(path.join(tmpdir(), "kubeadm-ha-tests-"));
  const file = path.join(folder, "result.json");
  try {
    const flags = ["--json", `--outputFile=${file}`];
    const options = { cwd: root, env: { FORCE_COLOR: "0" } };
    const code = await attached(bin("jest"), [...args, ...flags], options);
    return jestOutcome(file, code);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The stories on the lab's hosts; what is left out is said. */
async function tellStories(wanted: Wanted): Promise<Outcome> {
  const chosen = chosenStories(wanted);
  for (const { story, leftOut } of stories.filter((one) => !chosen.includes(one))) {
    if (wanted.names.length > 0 || leftOut === undefined) continue;
    process.stdout.write(`left out, npm run test:e2e:all runs it: ${story} (${leftOut})\n`);
  }
  // Before any story, whose own time would otherwise run out on a machine that has built nothing yet.
  await ensureArtefacts(
    lines((text) => process.stdout.write(text)),
    toolchainRecipes(),
  );
  return jest(["--config", "jest.e2e.config.mjs", ...patternsOf(chosen)]);
}

/** The lab's Go programs of our own that have tests: its `command` plugin, and the writer of the e2e stories. */
const goModules = ["lab/toolchain/command", "lab/programs/writer"];

async function goTests(): Promise<Outcome> {
  const sum = { passed: 0, failed: 0 };
  for (const module of goModules) {
    const { passed, failed } = await goTest(path.join(root, module));
    sum.passed += passed;
    sum.failed += failed;
  }
  return sum;
}

async function goTest(cwd: string): Promise<Outcome> {
  const result = await attempt("go", ["test", "-json", "./..."], { cwd, timeout: 1200 });
  const events = result.stdout.split("\n").flatMap((line) => {
    try {
      return [JSON.parse(line) as { Action?: string; Test?: string; Output?: string }];
    } catch {
      return [];
    }
  });
  const count = (action: string): number =>
    events.filter(({ Action, Test }) => Action === action && Test !== undefined).length;
  const [passed, failed] = [count("pass"), count("fail")];
  if (result.code !== 0) {
    process.stdout.write(events.map(({ Output }) => Output ?? "").join("") + result.stderr);
  }
  return { passed, failed: result.code === 0 ? failed : Math.max(failed, 1) };
}
