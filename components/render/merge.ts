/** A plain tree of configuration. */
export type Tree = Readonly<Record<string, unknown>>;

/**
 * Merges a user's fragment over what the product generates: tables are merged key by key, anything else (also a list) is
 * replaced as a whole. `null` in the fragment takes a generated key away.
 */
export function merge(generated: Tree, fragment: Tree): Record<string, unknown> {
  const result: Record<string, unknown> = { ...generated };
  for (const [key, value] of Object.entries(fragment)) {
    const existing = result[key];
    if (value === null) delete result[key];
    else result[key] = isTree(existing) && isTree(value) ? merge(existing, value) : value;
  }
  return result;
}

function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
