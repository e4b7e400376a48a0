/** The kinds of a union; any other schema alone. */
export function alternatives(schema: unknown): readonly unknown[] {
  return (inner(schema, "options") as readonly unknown[] | undefined) ?? [schema];
}

/** The keys of an object and their schemas. */
export function shapeOf(schema: unknown): Record<string, unknown> | undefined {
  return inner(schema, "shape") as Record<string, unknown> | undefined;
}

/** What the schema has at one of its keys, or for a list's entries: every kind of it. */
export function childrenOf(schema: unknown, part: PropertyKey): readonly unknown[] {
  const next =
    typeof part === "number" ? inner(schema, "element") : shapeOf(schema)?.[String(part)];
  return next === undefined ? [] : alternatives(next);
}

/** Looks through defaults and optionals for a property of the schema they wrap. */
function inner(schema: unknown, property: "shape" | "element" | "options"): unknown {
  let current = schema as Record<string, unknown> & { def?: { innerType?: unknown } };
  while (current && current[property] === undefined && current.def?.innerType !== undefined) {
    current = current.def.innerType as typeof current;
  }
  return current?.[property];
}
