import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { resolve } from "node:path";

/** The text of a file on this machine, `~/` being the user's home; `undefined` where it cannot be read. */
export function readText(file: string): string | undefined {
  try {
    return readFileSync(resolve(file.replace(/^~(?=\/)/, homedir())), "utf8");
  } catch {
    // It is not there, is a folder, or may not be read: the user is told which file it is.
    return undefined;
  }
}
