import { amount, markdownTable, plainTable, verdict, type Measurement } from "../../bench/report";

const measured: Measurement = {
  what: "pulumi up, of by hand",
  value: 1.2,
  unit: "×",
  goal: { most: 1.3, aim: 1.15 },
};

describe("a measurement", () => {
  it("says whether the goal is met, and the aim", () => {
    expect(verdict(measured)).toBe("met");
    expect(verdict({ ...measured, value: 1.15 })).toBe("met, the aim too");
    expect(verdict({ ...measured, value: 1.31 })).toBe("missed");
    expect(verdict({ what: "a", value: 1, unit: "s" })).toBe("");
  });

  it("has as many digits as mean something", () => {
    expect(amount(measured)).toBe("1.20 ×");
    expect(amount({ value: 84.23, unit: "s" })).toBe("84.2 s");
    expect(amount({ value: 1023.6, unit: "MB" })).toBe("1024 MB");
  });

  it("is a row of either table", () => {
    const result = { measurements: [measured] };
    expect(plainTable(result)).toMatch(
      /^pulumi up, of by hand +1.20 × +at most 1.3 ×, aim 1.15 × +met$/m,
    );
    const [head, rule, row] = markdownTable(result).split("\n");
    expect(head).toMatch(/^\| what +\| measured \| goal +\|/);
    expect(rule).toMatch(/^(\| -+ )+\|$/);
    expect(row).toContain("| 1.20 ×   | at most 1.3 ×, aim 1.15 × | met |");
    expect(new Set([head?.length, rule?.length, row?.length]).size).toBe(1);
  });
});
