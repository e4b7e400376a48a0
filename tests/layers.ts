import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { attached, attempt, capture } from "../lab/process";

/** How many tests of a layer passed and failed. */
export interface Outcome {
  readonly passed: number;
  readonly failed: number;
}

/** A kind of test, with a program that judges it. */
export interface Layer {
  readonly name: string;
  /** @param stories the e2e stories that are wanted; all when empty. */
  run(stories: readonly string[]): Promise<Outcome>;
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
  jest("units", ["--selectProjects", "unit"]),
  { name: "plugin", run: goTests },
  jest("judges", ["--selectProjects", "judges"]),
  jest("e2e", ["--config", "jest.e2e.config.mjs"]),
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

function jest(name: string, args: readonly string[]): Layer {
  return {
    name,
    async run(stories) {
      const folder = mkdtempSync(path.join(tmpdir(), "kubeadm-ha-tests-"));
      const file = path.join(folder, "result.json");
      const wanted = stories.map((story) => `/${story}\\.e2e\\.ts$`);
      try {
        const code = await attached(
          bin("jest"),
          [...args, "--json", `--outputFile=${file}`, ...(wanted.length > 0 ? wanted : [])],
          { cwd: root, env: { FORCE_COLOR: "0" } },
        );
        return jestOutcome(file, code);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  };
}

/** A file that did not even load has no test that failed: it counts as one. */
function jestOutcome(file: string, code: number): Outcome {
  try {
    const result = JSON.parse(readFileSync(file, "utf8")) as Record<string, number>;
    const passed = result["numPassedTests"] ?? 0;
    const failed = (result["numFailedTests"] ?? 0) + (result["numRuntimeErrorTestSuites"] ?? 0);
    return { passed, failed: code === 0 ? failed : Math.max(failed, 1) };
  } catch {
    return { passed: 0, failed: 1 };
  }
}

/** The tests of the lab's own `command` plugin. */
async function goTests(): Promise<Outcome> {
  const cwd = path.join(root, "lab", "toolchain", "command");
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
