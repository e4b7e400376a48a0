import { accessSync, constants } from "node:fs";
import path from "node:path";

/**
 * Where a program is on a search path: the absolute paths of all that have its name, in the path's order. Empty where it is
 * not installed.
 *
 * @param searchPath directories, as in $PATH; a relative one does not count. Default: $PATH.
 */
export function findPrograms(name: string, searchPath = process.env.PATH ?? ""): string[] {
  return searchPath
    .split(path.delimiter)
    .filter((directory) => path.isAbsolute(directory))
    .map((directory) => path.join(directory, name))
    .filter(isExecutable);
}

/** Whether a file is there that this user may run. */
export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
