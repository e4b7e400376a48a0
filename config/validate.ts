import { inOrder } from "./order";
import { hostsWithPaths, type Problem } from "./problem";
import { readableParts } from "./readable";
import { crossFieldProblems } from "./rules/all";
import { problemsOf } from "./schemaProblems";
import { inWords } from "./schemaWords";
import { specSchema, type Spec } from "./spec";

/** The outcome of validation: a complete spec, or every problem found. */
export type Validation =
  | { readonly ok: true; readonly spec: Spec }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Checks a whole stack configuration and reports all problems at once, never just the first. */
export function validate(input: unknown): Validation {
  // With the input in each issue, a value of a wrong type can be told from one that is not there.
  const parsed = specSchema.safeParse(input, { reportInput: true, error: inWords });
  if (!parsed.success) {
    const wrong = parsed.error.issues.flatMap(problemsOf);
    return {
      ok: false,
      problems: inOrder([...wrong, ...crossFieldProblems(readableParts(input))]),
    };
  }
  const spec = parsed.data;
  const { endpoint } = spec;
  const problems = crossFieldProblems({ ...spec, endpoint, hosts: hostsWithPaths(spec) });
  return problems.length === 0 ? { ok: true, spec } : { ok: false, problems: inOrder(problems) };
}
