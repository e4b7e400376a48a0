import type { Problem } from "./problem";
import { crossFieldProblems } from "./rules/all";
import { problemsOf } from "./schemaProblems";
import { specSchema, type Spec } from "./spec";

/** The outcome of validation: a complete spec, or every problem found. */
export type Validation =
  | { readonly ok: true; readonly spec: Spec }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Checks a whole stack configuration and reports all problems at once, never just the first. */
export function validate(input: unknown): Validation {
  // With the input in each issue, a value of a wrong type can be told from one that is not there.
  const parsed = specSchema.safeParse(input, { reportInput: true });
  if (!parsed.success) {
    return { ok: false, problems: parsed.error.issues.flatMap(problemsOf) };
  }
  const problems = crossFieldProblems(parsed.data);
  return problems.length === 0 ? { ok: true, spec: parsed.data } : { ok: false, problems };
}
