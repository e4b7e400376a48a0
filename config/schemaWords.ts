import type { z } from "zod";

const typeNames: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
};

/** Says in the user's words what zod finds by itself: the message where the schema has none of its own. */
export function inWords(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === "invalid_type") return wrongType(issue.expected, issue.input);
  if (issue.code === "invalid_value") return `must be ${choice(issue.values.map(String))}`;
  if (issue.code === "not_multiple_of") return `must be a multiple of ${issue.divisor}`;
  if (issue.code === "too_small") {
    const { origin, minimum } = issue;
    if (origin === "array") return `needs at least ${entries(minimum)}`;
    if (origin === "string")
      return minimum === 1 ? "must not be empty" : `needs at least ${minimum} characters`;
    return `must be at least ${minimum}`;
  }
  if (issue.code === "too_big") {
    const { origin, maximum } = issue;
    if (origin === "array") return `takes at most ${entries(maximum)}`;
    if (origin === "string") return `must be at most ${maximum} characters long`;
    return `must be at most ${maximum}`;
  }
  return undefined;
}

function wrongType(expected: string, value: unknown): string {
  const wanted = `must be ${typeNames[expected] ?? expected}`;
  if (value === null) return `has no value; ${wanted}`;
  if (expected === "int" && typeof value === "number") return wanted;
  // What stands in YAML without quotes may be anything but the text that it looks like.
  const isBare = typeof value === "number" || typeof value === "boolean";
  const remedy = expected === "string" && isBare ? "; put it in quotes" : "";
  return `${wanted}, not ${nameOf(value)}${remedy}`;
}

function nameOf(value: unknown): string {
  if (typeof value === "boolean") return String(value);
  const type = Array.isArray(value) ? "array" : typeof value;
  return typeNames[type] ?? type;
}

function entries(count: number | bigint): string {
  return `${count} ${Number(count) === 1 ? "entry" : "entries"}`;
}

function choice(values: readonly string[]): string {
  const [last = "", ...others] = [...values].reverse();
  return others.length === 0 ? last : `${others.reverse().join(", ")} or ${last}`;
}
