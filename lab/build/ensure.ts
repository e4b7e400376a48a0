import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
} from "node:fs";
import path from "node:path";

import { Failure } from "../failure";
import { clock, type Note, type Progress } from "../output";
import { day, run, start, type RunOptions } from "../process";
import { cacheDirectory } from "./cache";
import { keyOf } from "./key";
import { withLock } from "./lock";
import type { BuildContext, BuildRunOptions, Recipe } from "./recipe";

/** How many independent recipes are built at a time. More only slow each other down on two cores. */
const lanes = 2;

/** How {@link ensure} works where its defaults do not fit: for tests. */
export interface EnsureOptions {
  /** The absolute path of lab/, which inputs are relative to. */
  readonly lab?: string;
  /** Where entries lie. Default: {@link cacheDirectory}. */
  readonly cache?: string;
}

/**
 * Builds what is missing of the given recipes and of all they need, in the order of their needs, two at a time where they
 * are independent, and tells each build as a step. What the cache has is used without a word.
 *
 * An entry of the cache is one directory, `<name>-<key>`; it is built beside its place and renamed when it is complete, so an
 * interrupted build leaves no entry. Two processes never build the same entry at once.
 *
 * @returns each recipe's name, needs included, and its directory.
 * @throws Failure when a build fails: the other build under way is ended, and nothing further is begun.
 */
export async function ensure(
  recipes: readonly Recipe[],
  report: Progress,
  options: EnsureOptions = {},
): Promise<Map<string, string>> {
  const lab = options.lab ?? path.resolve(__dirname, "..");
  const cache = options.cache ?? cacheDirectory();
  const entries = new Map<string, string>();
  const all = withNeeds(recipes);
  for (const recipe of all) {
    const entry = path.join(cache, `${recipe.name}-${keyOf(recipe, lab)}`);
    entries.set(recipe.name, entry);
    // Marks the entry as used, for those who tidy the cache up.
    if (existsSync(entry)) utimesSync(entry, new Date(), new Date());
  }
  const entryOf = (recipe: Recipe): string => {
    const entry = entries.get(recipe.name);
    if (entry === undefined) throw new Failure(`recipe ${recipe.name} is not among the needs`);
    return entry;
  };

  const waiting = all.filter((recipe) => !existsSync(entryOf(recipe)));
  const missing = new Set(waiting);
  const stop = new AbortController();
  const underWay = new Set<Promise<void>>();
  while (waiting.length > 0 || underWay.size > 0) {
    const next = waiting.findIndex((recipe) => !(recipe.needs ?? []).some((n) => missing.has(n)));
    const recipe = underWay.size < lanes && next >= 0 ? waiting.splice(next, 1)[0] : undefined;
    if (recipe !== undefined) {
      const task = report
        .step(recipe.name, (note) =>
          make({ recipe, entry: entryOf(recipe), entryOf, lab, note, stop }),
        )
        .then(() => void missing.delete(recipe))
        .finally(() => underWay.delete(task));
      underWay.add(task);
      continue;
    }
    try {
      await Promise.race(underWay);
    } catch (error) {
      stop.abort();
      await Promise.allSettled(underWay);
      throw error;
    }
  }
  return entries;
}

/** The recipes and all that they need, each once, needs first. */
function withNeeds(recipes: readonly Recipe[]): Recipe[] {
  const found = new Map<string, Recipe>();
  const visit = (recipe: Recipe, above: readonly Recipe[]): void => {
    const known = found.get(recipe.name);
    if (known === recipe) return;
    if (known !== undefined) throw new Failure(`two recipes are named ${recipe.name}`);
    if (above.includes(recipe)) throw new Failure(`recipe ${recipe.name} needs itself`);
    for (const need of recipe.needs ?? []) visit(need, [...above, recipe]);
    found.set(recipe.name, recipe);
  };
  for (const recipe of recipes) visit(recipe, []);
  return [...found.values()];
}

interface Making {
  readonly recipe: Recipe;
  readonly entry: string;
  readonly entryOf: (recipe: Recipe) => string;
  readonly lab: string;
  readonly note: Note;
  readonly stop: AbortController;
}

/** Makes one entry, or waits until another process has made it. */
async function make({ recipe, entry, entryOf, lab, note, stop }: Making): Promise<string> {
  const onWait = (): void => note(`${recipe.name}: another process is building it; waiting for it`);
  return withLock(`${entry}.lock`, onWait, async () => {
    if (existsSync(entry)) return "built by another process";
    const directory = path.dirname(entry);
    const prefix = `${path.basename(entry)}.tmp-`;
    // What interrupted builds left: the lock is ours, so nobody is at work there.
    for (const name of readdirSync(directory)) {
      if (name.startsWith(prefix)) await removeTree(path.join(directory, name));
    }
    const log = `${entry}.log`;
    rmSync(log, { force: true });
    const temporary = mkdtempSync(path.join(directory, prefix));
    const out = path.join(temporary, "out");
    const scratch = path.join(temporary, "scratch");
    mkdirSync(out);
    mkdirSync(scratch);
    const hint = startHints(recipe, note);
    try {
      await recipe.build(
        contextFor({ recipe, out, scratch, entryOf, lab, log, signal: stop.signal, hint }),
      );
      if (stop.signal.aborted)
        throw new Failure(`${recipe.name}: ended because another build failed`);
      renameSync(out, entry);
      return "built";
    } finally {
      hint.end();
      await removeTree(temporary);
    }
  });
}

/**
 * Removes what a build left. As root, so with care: never across a mount, as that may lead into the machine's own files.
 *
 * @throws Failure when something is mounted below it.
 */
async function removeTree(directory: string): Promise<void> {
  const mounts = readFileSync("/proc/self/mountinfo", "utf8").split("\n");
  const below = mounts
    .map((line) => line.split(" ")[4])
    .find((at) => at?.startsWith(`${directory}/`));
  if (below !== undefined) {
    throw new Failure(
      `${directory} is left from a build, but ${below} is mounted: unmount it first`,
    );
  }
  await run("rm", ["-rf", "--one-file-system", directory]);
}

interface Hints {
  line(line: string): void;
  end(): void;
}

/** Seconds between two lines about a long build. A log needs fewer of them than a person who waits. */
const hintEvery = { terminal: 15, log: 30 };

function startHints(recipe: Recipe, note: Note): Hints {
  const start = performance.now();
  let packages = 0;
  const timer = setInterval(
    () => {
      const elapsed = clock((performance.now() - start) / 1000);
      const usual = recipe.usual === undefined ? "" : ` of usually ${clock(recipe.usual)}`;
      const counted = packages === 0 ? "" : `, ${packages} packages compiled`;
      note(`${recipe.name}: ${elapsed}${usual}${counted}`);
    },
    1000 * (process.stderr.isTTY ? hintEvery.terminal : hintEvery.log),
  );
  return {
    // `go build -v` names each package that it compiles in a line of its own.
    line: (line) => void (/^[a-z0-9.-]+(\/[\w.~-]+)*$/i.test(line) && packages++),
    end: () => clearInterval(timer),
  };
}

function contextFor(work: {
  readonly recipe: Recipe;
  readonly out: string;
  readonly scratch: string;
  readonly entryOf: (recipe: Recipe) => string;
  readonly lab: string;
  readonly log: string;
  readonly signal: AbortSignal;
  readonly hint: Hints;
}): BuildContext {
  const { recipe, out, scratch, lab, log, signal, hint } = work;
  // A build has no time limit of its own: how long it takes depends on the machine.
  const timeout = day;
  // What an ended program leaves behind goes with the folder.
  const env = { TMPDIR: scratch };
  const options = (given: BuildRunOptions): RunOptions => ({
    ...{ cwd: out, timeout, signal, ...given },
    env: { ...env, ...given.env },
  });
  return {
    out,
    scratch,
    lab,
    of(need) {
      if (!(recipe.needs ?? []).includes(need)) {
        throw new Failure(`recipe ${recipe.name} uses ${need.name} without needing it`);
      }
      return work.entryOf(need);
    },
    async run(command, args, given = {}) {
      const onLine = (line: string): void => hint.line(line);
      await run(command, args, { ...options(given), log, onLine });
    },
    async capture(command, args, given = {}) {
      const result = await run(command, args, options(given));
      return result.stdout.replace(/\n$/, "");
    },
    start: (command, args, given = {}) => start(command, args, { ...options(given), log }),
  };
}
