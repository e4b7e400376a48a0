import { readFileSync } from "node:fs";

/** The names in a list of packages: a name a line; lines that begin with # are for readers. */
export function packageList(file: string): string[] {
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("#"));
}
