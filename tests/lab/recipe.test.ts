import { spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { keyOf } from "../../lab/build/key";
import { ensure, type BuildContext, type Recipe } from "../../lab/build/recipe";
import { lines, type Progress } from "../../lab/output";

let home: string;
let lab: string;
let cache: string;
let told: string[];
let report: Progress;

beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), "kha-recipe-"));
  lab = path.join(home, "lab");
  cache = path.join(home, "cache");
  mkdirSync(path.join(lab, "sources"), { recursive: true });
  mkdirSync(cache);
  writeFileSync(path.join(lab, "sources/a"), "one");
  writeFileSync(path.join(lab, "sources/b"), "two");
  told = [];
  report = lines((text) => told.push(text));
});

afterEach(() => rmSync(home, { recursive: true, force: true }));

/** A recipe that writes its name, and counts how often it was built. */
function recipe(name: string, more: Partial<Recipe> = {}): Recipe & { built: number } {
  const result = {
    built: 0,
    name,
    inputs: [],
    build(context: BuildContext): Promise<void> {
      result.built++;
      writeFileSync(path.join(context.out, "result"), name);
      return Promise.resolve();
    },
    ...more,
  };
  return result;
}

const make = (...recipes: Recipe[]): Promise<Map<string, string>> =>
  ensure(recipes, report, { lab, cache });

/** Entries of the cache: no locks, logs or unfinished work. */
const entries = (): string[] => readdirSync(cache).filter((name) => /-[0-9a-f]{16}$/.test(name));
const unfinished = (): string[] => readdirSync(cache).filter((name) => name.includes(".tmp-"));

describe("ensure", () => {
  test("builds what is missing once, and tells it in a line", async () => {
    const one = recipe("one");
    const found = await make(one);
    expect(readFileSync(path.join(found.get("one") ?? "", "result"), "utf8")).toBe("one");
    expect(told.join("")).toMatch(/one: built \(0\.\d s\)/);
    told.length = 0;
    expect(await make(one)).toEqual(found);
    expect(one.built).toBe(1);
    expect(told).toEqual([]);
  });

  test("a changed input builds anew what it feeds, and nothing else", async () => {
    const a = recipe("a", { inputs: ["sources/a"] });
    const b = recipe("b", { inputs: ["sources/b"] });
    const fed = recipe("fed", { needs: [a] });
    await make(fed, b);
    writeFileSync(path.join(lab, "sources/a"), "changed");
    await make(fed, b);
    expect([a.built, fed.built, b.built]).toEqual([2, 2, 1]);
    // The old entries stay: going back to the old sources costs nothing.
    writeFileSync(path.join(lab, "sources/a"), "one");
    await make(fed, b);
    expect([a.built, fed.built, b.built]).toEqual([2, 2, 1]);
  });

  test("needs come first, each is built once, and their folders can be read", async () => {
    const order: string[] = [];
    const noting = (name: string, needs: Recipe[]): Recipe => ({
      name,
      inputs: [],
      needs,
      build(context) {
        for (const need of needs) expect(existsSync(context.of(need))).toBe(true);
        order.push(name);
        return Promise.resolve();
      },
    });
    const base = noting("base", []);
    const left = noting("left", [base]);
    const right = noting("right", [base]);
    await make(noting("top", [left, right]));
    expect(order[0]).toBe("base");
    expect(order.at(-1)).toBe("top");
    expect(order).toHaveLength(4);
  });

  test("two independent recipes are built at a time, never three", async () => {
    let now = 0;
    let most = 0;
    const slow = (name: string): Recipe =>
      recipe(name, {
        async build() {
          most = Math.max(most, ++now);
          await new Promise((resolve) => setTimeout(resolve, 60));
          now--;
        },
      });
    await make(slow("one"), slow("two"), slow("three"), slow("four"));
    expect(most).toBe(2);
  });

  test("a failed build leaves no entry, shows the program's last lines, and can be tried again", async () => {
    let broken = true;
    const one = recipe("one", {
      async build(context) {
        writeFileSync(path.join(context.out, "half"), "");
        await context.run("sh", ["-c", broken ? "echo no such header >&2; exit 3" : "true"]);
      },
    });
    await expect(make(one)).rejects.toThrow(/status 3:\n {4}no such header\n.*\.log/);
    expect([...entries(), ...unfinished()]).toEqual([]);
    broken = false;
    const entry = (await make(one)).get("one") ?? "";
    expect(readdirSync(entry)).toEqual(["half"]);
  });

  test("a failure ends the other build under way, and begins nothing further", async () => {
    const never = recipe("never");
    const bad = recipe("bad", {
      build: (context) => context.run("sh", ["-c", "sleep 0.1; exit 1"]),
    });
    const long = recipe("long", { build: (context) => context.run("sleep", ["60"]) });
    const began = Date.now();
    await expect(make(long, bad, never)).rejects.toThrow("status 1");
    expect(Date.now() - began).toBeLessThan(10_000);
    expect(never.built).toBe(0);
    expect([...entries(), ...unfinished()]).toEqual([]);
  });

  test("a killed build leaves nothing but what the next one sweeps away", async () => {
    const script = path.join(home, "build.ts");
    const module = (name: string): string =>
      JSON.stringify(path.join(__dirname, "../../lab", name));
    writeFileSync(
      script,
      `import { ensure } from ${module("build/ensure")};
       import { lines } from ${module("output")};
       import { writeFileSync } from "node:fs";
       const one = { name: "one", inputs: [], async build(context) {
         writeFileSync(context.out + "/half", ""); console.log("half");
         await context.run("sleep", ["60"]);
       } };
       void ensure([one], lines(), { lab: ${JSON.stringify(lab)}, cache: ${JSON.stringify(cache)} });`,
    );
    const tsx = require.resolve("tsx/cli");
    const child = spawn(process.execPath, ["--import", "tsx", script], {
      cwd: path.dirname(path.dirname(tsx)),
      stdio: ["ignore", "pipe", "inherit"],
    });
    await new Promise((resolve) => child.stdout.once("data", resolve));
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await gone;
    expect(entries()).toEqual([]);
    expect(unfinished()).toHaveLength(1);

    // The dead process' lock is no hindrance.
    const entry = (await make(recipe("one"))).get("one") ?? "";
    expect(readdirSync(entry)).toEqual(["result"]);
    expect(unfinished()).toEqual([]);
  });

  test("two runs at once build an entry once; the other waits and takes it", async () => {
    const one = recipe("one", {
      async build(context) {
        one.built++;
        await new Promise((resolve) => setTimeout(resolve, 100));
        writeFileSync(path.join(context.out, "result"), "");
      },
    });
    const [first, second] = await Promise.all([make(one), make(one)]);
    expect(first).toEqual(second);
    expect(one.built).toBe(1);
    expect(told.join("")).toContain("another process is building it");
  });

  test("a recipe may read only the needs that it names", async () => {
    const other = recipe("other");
    const one = recipe("one", {
      build: (context) => Promise.resolve(void context.of(other)),
    });
    await expect(make(other, one)).rejects.toThrow("recipe one uses other without needing it");
  });
});

describe("keyOf", () => {
  test("changes with names, contents, parameters and needs, and with nothing else", () => {
    const key = (more: Partial<Recipe>): string => keyOf(recipe("one", more), lab);
    const folder = { inputs: ["sources"] };
    const before = key(folder);
    expect(before).toMatch(/^[0-9a-f]{16}$/);
    expect(key(folder)).toBe(before);
    expect(key({ ...folder, usual: 5 })).toBe(before);
    expect(key({ ...folder, parameters: { version: "1" } })).not.toBe(before);
    expect(key({ ...folder, needs: [recipe("need")] })).not.toBe(before);
    expect(key({ ...folder, needs: [recipe("need")] })).not.toBe(
      key({ ...folder, needs: [recipe("need", { parameters: { version: "2" } })] }),
    );
    rmSync(path.join(lab, "sources/b"));
    writeFileSync(path.join(lab, "sources/c"), "two");
    expect(key(folder)).not.toBe(before);
  });

  test("refuses an input that does not exist", () => {
    expect(() => keyOf(recipe("one", { inputs: ["nowhere"] }), lab)).toThrow(
      "recipe one: lab/nowhere does not exist",
    );
  });
});
