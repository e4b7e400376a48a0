import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { jestOutcome } from "../recap";

const folder = mkdtempSync(path.join(tmpdir(), "recap-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** What Jest writes of one file with these tests. */
function result(tests: readonly { name: string; said?: string }[], unloaded?: string): string {
  const failed = tests.filter(({ said }) => said !== undefined).length;
  const file = path.join(folder, "result.json");
  const written = {
    numPassedTests: tests.length - failed,
    numFailedTests: failed,
    numRuntimeErrorTestSuites: unloaded === undefined ? 0 : 1,
    testResults: [
      {
        message: unloaded ?? "",
        assertionResults: tests.map(({ name, said }) => ({
          status: said === undefined ? "passed" : "failed",
          fullName: name,
          failureMessages: said === undefined ? [] : [said],
        })),
      },
    ],
  };
  writeFileSync(file, JSON.stringify(written));
  return file;
}

const stack = "\n    at succeed (tests/e2e/support/suite/pulumiRun.ts:30:25)";

describe("the recap of a layer of tests", () => {
  test("has nothing to say where all passed", () => {
    expect(jestOutcome(result([{ name: "a" }, { name: "b" }]), 0)).toEqual({
      passed: 2,
      failed: 0,
      recap: [],
    });
  });

  test("names a test that failed, and says why without the stack trace", () => {
    const file = result([{ name: "a" }, { name: "b is c", said: `Error: b is d${stack}` }]);
    expect(jestOutcome(file, 1)).toEqual({
      passed: 1,
      failed: 1,
      recap: ["b is c\n  Error: b is d"],
    });
  });

  test("has of a run of Pulumi only what went wrong", () => {
    const progress = " +  command:remote:Command cp2-join creating (0s)\n".repeat(100);
    const said = `Error: pulumi up ended with 255:\n${progress}Diagnostics:\n  cp2: join: no\n\nResources:\n    + 1 created${stack}`;
    expect(jestOutcome(result([{ name: "up", said }]), 1).recap).toEqual(["up\n    cp2: join: no"]);
  });

  test("keeps the beginning and the end of what is long", () => {
    const said = `first\n${"x".repeat(5000)}\nlast`;
    const [recap = ""] = jestOutcome(result([{ name: "up", said }]), 1).recap ?? [];
    expect(recap).toMatch(/^up\n {2}first[^]* \[…\] [^]*last$/);
    expect(recap.length).toBeLessThan(1100);
  });

  test.each([{ tests: [] }, { tests: [{ name: "a" }] }])(
    "counts what fails outside of a test, and says why: beside $tests",
    ({ tests }) => {
      expect(jestOutcome(result(tests, "no such module"), 1)).toEqual({
        passed: tests.length,
        failed: 1,
        recap: ["outside of a test\n  no such module"],
      });
    },
  );

  test("counts a failure that no test had, and a result that is not there", () => {
    expect(jestOutcome(result([{ name: "a" }]), 1)).toMatchObject({ passed: 1, failed: 1 });
    expect(jestOutcome("/nowhere/result.json", 0)).toMatchObject({ passed: 0, failed: 1 });
  });
});
