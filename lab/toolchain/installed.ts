import { accessSync, closeSync, constants, openSync, readSync, realpathSync } from "node:fs";
import path from "node:path";

/**
 * Finds Pulumi's own command line program on a search path: one with a language host of its own beside it. The lab's
 * language host, which is a script, does not count, so the lab's own toolchain may be on the path too.
 *
 * @param searchPath directories, as in $PATH. Default: $PATH.
 * @returns the program's absolute path, or undefined.
 */
export function installedPulumi(searchPath = process.env.PATH ?? ""): string | undefined {
  return searchPath
    .split(path.delimiter)
    .filter((directory) => path.isAbsolute(directory))
    .map((directory) => path.join(directory, "pulumi"))
    .find((program) => isExecutable(program) && hasOwnLanguageHost(program));
}

function hasOwnLanguageHost(program: string): boolean {
  const host = path.join(path.dirname(realpathSync(program)), "pulumi-language-nodejs");
  return isExecutable(host) && !isScript(host);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function isScript(file: string): boolean {
  const start = Buffer.alloc(2);
  const descriptor = openSync(file, "r");
  readSync(descriptor, start);
  closeSync(descriptor);
  return start.toString() === "#!";
}
