import type { z } from "zod";

import type { Problem } from "./problem";
import { alternatives, childrenOf, shapeOf } from "./schemaTree";
import { specSchema } from "./spec";

/** What one of the schema's findings means to the user. */
export function problemsOf(issue: z.core.$ZodIssue): Problem[] {
  const path = pathText(issue.path);
  if (issue.code === "unrecognized_keys") {
    const known = knownKeys(issue.path, issue.input);
    return issue.keys.map((key) => ({
      path: pathText([...issue.path, key]),
      message: `unknown key${suggestion(key, known)}`,
    }));
  }
  if (valueOf(issue) === undefined) return [{ path, message: "is missing" }];
  // What is wrong with a label's key is told one level below.
  if (issue.code === "invalid_key") {
    return issue.issues.map(({ message }) => ({ path, message }));
  }
  return [{ path, message: issue.message }];
}

/** What stands at an issue's path. Where no kind of a union fits, zod has the object around the key that tells them apart. */
function valueOf(issue: z.core.$ZodIssue): unknown {
  if (issue.code !== "invalid_union" || issue.discriminator === undefined) return issue.input;
  return (issue.input as Record<string, unknown>)[issue.discriminator];
}

function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`;
    return text === "" ? String(part) : `${text}.${String(part)}`;
  }, "");
}

/** The keys the schema knows at a path. Where a union stands there, the input's own kind decides. */
function knownKeys(path: readonly PropertyKey[], input: unknown): readonly string[] {
  let schemas: readonly unknown[] = alternatives(specSchema);
  for (const part of path) {
    schemas = schemas.flatMap((schema) => childrenOf(schema, part));
  }
  const fitting = schemas.filter((schema) => fits(schema, input));
  return [...new Set(fitting.flatMap((schema) => Object.keys(shapeOf(schema) ?? {})))];
}

/** Whether every literal of the schema, such as a union's `kind`, is what the input has. */
function fits(schema: unknown, input: unknown): boolean {
  return Object.entries(shapeOf(schema) ?? {}).every(([key, value]) => {
    const literals = (value as { values?: unknown }).values;
    return (
      !(literals instanceof Set) ||
      literals.has((input as Record<string, unknown> | undefined)?.[key])
    );
  });
}

function suggestion(key: string, known: readonly string[]): string {
  const nearest = known
    .map((candidate) => ({ candidate, distance: editDistance(key, candidate) }))
    .sort((a, b) => a.distance - b.distance)[0];
  return nearest !== undefined && nearest.distance <= Math.max(2, key.length / 3)
    ? `; did you mean ${nearest.candidate}?`
    : known.length > 0
      ? `; known here: ${known.join(", ")}`
      : "";
}

/** Levenshtein's distance, letter case ignored. */
function editDistance(a: string, b: string): number {
  const [left, right] = [a.toLowerCase(), b.toLowerCase()];
  let row = Array.from({ length: right.length + 1 }, (_, i) => i);
  for (let i = 1; i <= left.length; i++) {
    const next = [i];
    for (let j = 1; j <= right.length; j++) {
      const substitution = (row[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, substitution));
    }
    row = next;
  }
  return row[right.length] ?? 0;
}
