import { describe, expect, test } from "@jest/globals";

import { clock, duration, lines, table } from "../../lab/output";

describe("times", () => {
  test.each([
    [0, "0:00"],
    [7.9, "0:07"],
    [754, "12:34"],
  ])("on the clock: %d s", (seconds, text) => expect(clock(seconds)).toBe(text));

  test.each([
    [0.44, "0.4 s"],
    [9.94, "9.9 s"],
    [9.96, "10 s"],
    [59.6, "1 min 0 s"],
    [400.2, "6 min 40 s"],
  ])("that something took: %d s", (seconds, text) => expect(duration(seconds)).toBe(text));
});

describe("a run's lines", () => {
  test("tell a quick step in one line, with its outcome", async () => {
    const written: string[] = [];
    const progress = lines((text) => written.push(text));
    await expect(progress.step("hosts", () => Promise.resolve("6 answer"))).resolves.toBe(
      "6 answer",
    );
    expect(written).toEqual([expect.stringMatching(/^ 0:00 {2}hosts: 6 answer \(0\.\d s\)\n$/)]);
    expect(progress.phases).toEqual([{ name: "hosts", seconds: expect.any(Number) }]);
  });

  test("tell a step's beginning before its first note", async () => {
    const written: string[] = [];
    const progress = lines((text) => written.push(text.slice(7)));
    await progress.step("hosts", (note) => Promise.resolve(note("cp1 was stopped: it goes on")));
    expect(written[0]).toBe("hosts …\n");
    expect(written[1]).toBe("  cp1 was stopped: it goes on\n");
    expect(written[2]).toMatch(/^hosts: done/);
  });

  test("tell which step failed, and pass the failure on", async () => {
    const written: string[] = [];
    const progress = lines((text) => written.push(text.slice(7)));
    const failing = progress.step("hosts", () => Promise.reject(new Error("no")));
    await expect(failing).rejects.toThrow("no");
    expect(written.at(-1)).toMatch(/^hosts: failed \(/);
    expect(progress.phases).toEqual([]);
  });
});

test("a table's columns stand below each other", () => {
  expect(
    table([
      ["HOST", "STATE", "NOTE"],
      ["cp1", "running", ""],
    ]),
  ).toBe("HOST  STATE    NOTE\ncp1   running\n");
});
