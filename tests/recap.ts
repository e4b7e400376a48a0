import { readFileSync } from "node:fs";

import { z } from "zod";

import { diagnostics } from "../lab/pulumiOutput";

/** How many tests of a layer passed and failed. */
export interface Outcome {
  readonly passed: number;
  readonly failed: number;
  /** The tests that failed, each with why in a few lines: who reads only the end of a long output finds them there. */
  readonly recap?: readonly string[];
}

/** What this reads of Jest's `--json`. */
const resultSchema = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  numRuntimeErrorTestSuites: z.int(),
  testResults: z.array(
    z.object({
      message: z.string(),
      assertionResults: z.array(
        z.object({
          status: z.string(),
          fullName: z.string(),
          failureMessages: z.array(z.string()),
        }),
      ),
    }),
  ),
});

/** A failure's essence in characters, its beginning and its end; a page of output shows a handful of them. */
const most = { begin: 300, end: 700 };

/**
 * Reads Jest's result. A file that did not even load has no test that failed: it counts as one, and so does a result
 * that is not there.
 *
 * @param code Jest's exit status.
 */
export function jestOutcome(file: string, code: number): Outcome {
  const result = read(file);
  if (result === undefined) return { passed: 0, failed: 1, recap: ["Jest left no result"] };
  const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
  return {
    passed: result.numPassedTests,
    failed: code === 0 ? failed : Math.max(failed, 1),
    recap: result.testResults.flatMap(({ message, assertionResults }) => {
      const bad = assertionResults.filter(({ status }) => status === "failed");
      // What fails outside of a test has its words in the file's message alone.
      if (bad.length === 0 && message !== "") return [`outside of a test\n${essence(message)}`];
      return bad.map(
        ({ fullName, failureMessages }) => `${fullName}\n${essence(failureMessages.join("\n"))}`,
      );
    }),
  };
}

function read(file: string): z.output<typeof resultSchema> | undefined {
  try {
    return resultSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return undefined;
  }
}

/** Of a run of Pulumi what it says went wrong; of anything else the beginning, without the stack trace. */
function essence(message: string): string {
  const said = diagnostics(message);
  const lines = (said === "" ? message : said)
    .split("\n")
    .filter((line) => !/^\s+at /.test(line) && line.trim() !== "");
  const text = lines.map((line) => `  ${line}`).join("\n");
  if (text.length <= most.begin + most.end) return text;
  return `${text.slice(0, most.begin)} […] ${text.slice(-most.end)}`;
}
