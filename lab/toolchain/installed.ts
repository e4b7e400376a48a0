import { closeSync, openSync, readSync, realpathSync } from "node:fs";
import path from "node:path";

import { findPrograms, isExecutable } from "../searchPath";

/**
 * Finds Pulumi's own command line program on a search path: one with a language host of its own beside it. The lab's
 * language host, which is a script, does not count, so the lab's own toolchain may be on the path too.
 *
 * @param searchPath directories, as in $PATH. Default: $PATH.
 * @returns the program's absolute path, or undefined.
 */
export function installedPulumi(searchPath?: string): string | undefined {
  return findPrograms("pulumi", searchPath).find(hasOwnLanguageHost);
}

function hasOwnLanguageHost(program: string): boolean {
  const host = path.join(path.dirname(realpathSync(program)), "pulumi-language-nodejs");
  return isExecutable(host) && !isScript(host);
}

function isScript(file: string): boolean {
  const start = Buffer.alloc(2);
  const descriptor = openSync(file, "r");
  readSync(descriptor, start);
  closeSync(descriptor);
  return start.toString() === "#!";
}
