import { describe, expect, test } from "@jest/globals";

import {
  gapIn,
  longestGap,
  reportOf,
  successesInARow,
  summary,
  type Trial,
  type Write,
} from "../e2e/support/writes/writes";

/** A write that began at a time and ended 10 ms later, if nothing else is said. */
function write(start: number, status = 201, end = start + 10): Write {
  return { key: `w-${start}`, start, end, status };
}

const steady = [0, 100, 200, 300, 400].map((start) => write(start));

describe("the gap of a client that writes", () => {
  test("is the longest time between the ends of two successes", () => {
    expect(gapIn(steady)).toBeCloseTo(0.1);
    expect(gapIn([write(0), write(100), write(1300)])).toBeCloseTo(1.2);
  });

  test("counts a slow success at its end, not at its start", () => {
    expect(gapIn([write(0), write(100, 201, 950), write(1000)])).toBeCloseTo(0.94);
  });

  test("is bridged by no failure, whatever its status", () => {
    const failures = [write(100, 0), write(200, 500), write(300, 409)];
    expect(gapIn([write(0), ...failures, write(400)])).toBeCloseTo(0.4);
  });

  test("reaches to the window's edges when there is no success near them", () => {
    expect(gapIn([write(0), write(100), write(200, 0, 2200)])).toBeCloseTo(2.09);
    expect(gapIn([write(0, 0, 1000), write(900)])).toBeCloseTo(0.91);
    expect(gapIn([write(0, 0), write(100, 0)])).toBeCloseTo(0.11);
  });

  test("does not depend on the order of the records", () => {
    expect(gapIn([...steady].reverse())).toBe(gapIn(steady));
  });

  test("is told with when it began: at the end of the last success before it", () => {
    const since = longestGap([write(0), write(100), write(1300), write(1400)]).since;
    expect(since).toBe(110);
  });

  test("can be asked of a part of the time", () => {
    const writes = [write(0), write(1000), write(1100), write(3000)];
    expect(gapIn(writes, { to: 1500 })).toBeCloseTo(1);
    expect(gapIn(writes, { from: 1050, to: 3010 })).toBeCloseTo(1.9);
    expect(gapIn(writes, { from: 1005, to: 1115 })).toBeCloseTo(0.1);
  });
});

describe("what the client reports", () => {
  test("a write that was acknowledged and cannot be read back is lost; no other is", () => {
    const writes = [write(0), write(100), write(200, 0), write(300, 504)];
    expect(reportOf(writes, new Set(["w-0", "w-200"]))).toMatchObject({
      attempted: 4,
      acknowledged: 2,
      lost: ["w-100"],
    });
  });

  test("nothing was written: nothing is lost, and the count shows it", () => {
    expect(reportOf([], new Set())).toMatchObject({ attempted: 0, acknowledged: 0, lost: [] });
  });

  test("successes in a row end at the last failure, and begin at the given time", () => {
    const writes = [write(0), write(100, 0), ...[200, 300, 400].map((start) => write(start))];
    expect(successesInARow(writes, 0)).toBe(3);
    expect(successesInARow(writes, 300)).toBe(2);
    expect(successesInARow(writes, 500)).toBe(0);
    expect(successesInARow([...writes, write(500, 500)], 0)).toBe(0);
  });

  test("a story's line has the worst of its trials and the sums", () => {
    const report = { attempted: 50, acknowledged: 40, lost: ["w-1"], gap: 1, writes: [] };
    const trials: Trial[] = [
      { report, gap: 0.62, gapAtReturn: 0.1 },
      { report, gap: 1.25, gapAtReturn: 0.4 },
    ];
    expect(summary("HAProxy alone killed", trials)).toBe(
      "gap: HAProxy alone killed: 1.3 s (worst of 2: 0.6 1.3), 80 of 100 acknowledged, 2 lost\n" +
        "gap: HAProxy alone killed: its return: 0.4 s (worst of 2: 0.1 0.4)",
    );
  });
});
