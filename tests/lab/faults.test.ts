import { readFileSync } from "node:fs";
import path from "node:path";

import { describe, expect, test } from "@jest/globals";

import { checkout } from "../../lab/lab";
import { stories } from "../stories";

const text = readFileSync(path.join(checkout, "docs", "faults.md"), "utf8");

/** The cells of the tables' rows, without their headings. */
const rows = text
  .split("\n")
  .filter((line) => line.startsWith("| ") && !/^\| (fault |---)/.test(line))
  .map((line) => line.split(" | ").map((cell) => cell.replace(/^\| +| +\|$/g, "").trim()));

const storiesIn = (part: string): string[] =>
  [...part.matchAll(/`([a-z]+\/[A-Za-z]+)`/g)].map(([, name]) => name ?? "");

describe("the table of faults", () => {
  test("tells of each what one sees, the gap, and stories that there are", () => {
    const known = stories.map(({ story }) => story);
    expect(rows.length).toBeGreaterThan(40);
    for (const row of rows) {
      const [fault = "", seen = "", gap = "", by = ""] = row;
      expect([fault, row.length, seen !== "", gap !== ""]).toEqual([fault, 4, true, true]);
      expect([fault, storiesIn(by).length > 0]).toEqual([fault, true]);
      expect(known).toEqual(expect.arrayContaining(storiesIn(by)));
    }
  });

  test("leaves out no story about faults", () => {
    const about = stories.map(({ story }) => story).filter((name) => name.startsWith("faults/"));
    expect([...new Set(storiesIn(text))]).toEqual(expect.arrayContaining(about));
  });
});
