import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { load } from "js-yaml";

import type { SpecInput } from "../../config/spec";
import { projectName } from "./pulumiConfig";

/** The project's folder. */
export const root = join(__dirname, "..", "..");

/** The committed stack files of a folder, by their path below the project's. */
export function committedStackFiles(folder: string): readonly string[] {
  return readdirSync(join(root, folder))
    .filter((name) => /^Pulumi\..+\.yaml$/.test(name))
    .map((name) => join(folder, name));
}

/** A stack file as YAML has it. */
export function yamlOf(path: string): { readonly config: Readonly<Record<string, unknown>> } {
  return load(readFileSync(join(root, path), "utf8")) as { config: Record<string, unknown> };
}

/** What a stack file says to the product: its keys without the project's prefix. */
export function inputOf(path: string): SpecInput {
  const entries = Object.entries(yamlOf(path).config).map(
    ([key, value]) => [key.replace(`${projectName}:`, ""), value] as const,
  );
  return Object.fromEntries(entries) as unknown as SpecInput;
}
