import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import path from "node:path";

import { Failure } from "../failure";
import type { Recipe } from "./recipe";

/** Part of every key: a new value makes all entries of older caches strangers. */
const format = "1";

/**
 * The key of a recipe's entry: 16 hexadecimal digits that change with anything that the result depends on (name,
 * parameters, names, contents and modes of the inputs, the keys of its needs, the processor's architecture).
 *
 * @param lab the absolute path of lab/.
 * @throws Failure when an input does not exist.
 */
export function keyOf(recipe: Recipe, lab: string): string {
  const hash = createHash("sha256");
  const add = (...parts: readonly string[]): void => {
    for (const part of parts) hash.update(`${Buffer.byteLength(part)}:${part}`);
  };
  add(format, process.arch, recipe.name);
  const parameters = Object.entries(recipe.parameters ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [name, value] of parameters) add("parameter", name, value);
  for (const input of [...recipe.inputs].sort()) {
    for (const file of filesBelow(input, lab, recipe.name)) {
      const { text, kind } = contents(path.join(lab, file));
      add("input", file, kind);
      hash.update(`${text.length}:`).update(text);
    }
  }
  for (const need of recipe.needs ?? []) add("need", need.name, keyOf(need, lab));
  return hash.digest("hex").slice(0, 16);
}

/** All files of an input, sorted, relative to lab/. */
function filesBelow(input: string, lab: string, name: string): string[] {
  const status = lstatSync(path.join(lab, input), { throwIfNoEntry: false });
  if (status === undefined) throw new Failure(`recipe ${name}: lab/${input} does not exist`);
  if (!status.isDirectory()) return [input];
  const entries = readdirSync(path.join(lab, input)).sort();
  return entries.flatMap((entry) => filesBelow(path.join(input, entry), lab, name));
}

function contents(file: string): { text: Buffer; kind: string } {
  const status = lstatSync(file);
  if (status.isSymbolicLink()) return { text: Buffer.from(readlinkSync(file)), kind: "link" };
  return { text: readFileSync(file), kind: (status.mode & 0o100) === 0 ? "file" : "program" };
}
