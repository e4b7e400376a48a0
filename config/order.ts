import type { Problem } from "./problem";
import { alternatives, childrenOf, shapeOf } from "./schemaTree";
import { specSchema } from "./spec";

/**
 * Problems in the order in which the schema has their places, which is the order of the documentation: Pulumi hands over
 * the keys of a stack file sorted by name. Unknown keys come after the known ones beside them.
 */
export function inOrder(problems: readonly Problem[]): Problem[] {
  return problems
    .map((problem) => ({ problem, place: placeOf(problem.path) }))
    .sort((a, b) => compare(a.place, b.place))
    .map(({ problem }) => problem);
}

/** The position of each part of a path among those beside it. */
function placeOf(path: string): readonly number[] {
  let schemas = alternatives(specSchema);
  return parts(path).map((part) => {
    const beside = [...new Set(schemas.flatMap((schema) => Object.keys(shapeOf(schema) ?? {})))];
    schemas = schemas.flatMap((schema) => childrenOf(schema, part));
    if (typeof part === "number") return part;
    const position = beside.indexOf(part);
    return position === -1 ? beside.length : position;
  });
}

/** `workers[1].name` has the parts `workers`, 1 and `name`. */
function parts(path: string): readonly (string | number)[] {
  return [...path.matchAll(/\[(\d+)\]|[^.[\]]+/g)].map(([text, index]) =>
    index === undefined ? text : Number(index),
  );
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (const [i, left] of a.entries()) {
    const right = b[i];
    // What is wrong with a list as a whole is said before what is wrong with its entries.
    if (right === undefined) return 1;
    if (left !== right) return left - right;
  }
  return a.length - b.length;
}
