import { criticalPath } from "../../bench/timeline/criticalPath";
import { timeline } from "../../bench/timeline/picture";
import { timesOf, type PlannedRun } from "../../bench/timeline/steps";

function run(name: string, begin: number, end: number, after: readonly string[]): PlannedRun {
  return { name, host: name.split("-")[0] ?? "", step: "step", begin, end, after };
}

describe("critical path", () => {
  const runs = [
    run("cp1-prepare", 0, 20, []),
    run("lb-prepare", 0, 9, []),
    run("stack-found", 20.5, 35, ["cp1-prepare", "lb-prepare"]),
    run("w1-join", 35.2, 40, ["stack-found"]),
    run("cp2-join", 35.2, 47, ["stack-found"]),
    run("stack-verify", 47.3, 55, ["w1-join", "cp2-join", "not-there"]),
  ];

  it("leads back from what ended last over what ended last of all that it waited for", () =>
    expect(criticalPath(runs).map(({ name }) => name)).toEqual([
      "cp1-prepare",
      "stack-found",
      "cp2-join",
      "stack-verify",
    ]));

  it("of nothing is empty", () => expect(criticalPath([])).toEqual([]));

  it("is drawn: a row a host, a bar a step, the path in a colour of its own", () => {
    const svg = timeline("a run", ["lb", "cp1"], runs.slice(0, 2), runs.slice(0, 1));
    expect(svg).toMatch(/^<svg /);
    for (const text of ["a run", ">lb<", ">cp1<", "on the critical path", "seconds"])
      expect(svg).toContain(text);
    const coloured = (text: string): number => text.split('fill="#c2410c"').length;
    // The key has the colour, too.
    const without = timeline("a run", ["lb", "cp1"], runs.slice(0, 2), []);
    expect(coloured(svg)).toBe(coloured(without) + 1);
  });
});

describe("a step's times", () => {
  const lines = [
    [100, "preflight: begin"],
    [200, "preflight: end"],
    [300, "prepare-node: begin"],
    [350, "prepare-node: installing kubelet"],
    [400, "prepare-node: end"],
    [500, "found: begin"],
    [600, "found: end"],
    [700, "join: begin"],
  ] as const;

  it("are those of the Command's own step", () => {
    expect(timesOf("cp1-prepare", "cp1", lines)).toEqual({
      step: "prepare-node",
      begin: 300,
      end: 400,
    });
    expect(timesOf("dev-found", "cp1", lines)).toEqual({ step: "found", begin: 500, end: 600 });
  });

  it("are not told of a step that has not ended, or not run", () => {
    expect(timesOf("cp1-join", "cp1", lines)).toBeUndefined();
    expect(timesOf("cp1-trust", "cp1", lines)).toBeUndefined();
  });
});
