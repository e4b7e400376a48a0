import { existsSync, realpathSync } from "node:fs";
import path from "node:path";

import { Failure } from "./failure";

/** One stack's hosts and state on this machine: what every module of the lab works on. */
export interface Lab {
  /** The stack's name, such as "dev". */
  readonly stack: string;
  /** The checkout: where Pulumi.yaml lies, where Pulumi runs and what paths in stack files are relative to. */
  readonly root: string;
  /** The stack file: the only list of hosts. */
  readonly stackFile: string;
  /** Where this stack's keys, known hosts and logs lie: `<root>/.lab/<stack>`. */
  readonly directory: string;
}

/** This checkout's root. */
export const checkout = realpathSync(path.join(__dirname, ".."));

/**
 * Names a lab. Nothing is read or made yet.
 *
 * @param stack the stack's name: lower-case letters, digits and dashes.
 * @param stackFile the stack file, relative to the checkout or absolute. Default: `Pulumi.<stack>.yaml` in the checkout, or,
 *   where there is none, in the lab's own folder for the stack, where tests put theirs.
 */
export function openLab(stack: string, stackFile?: string): Lab {
  if (!/^[a-z][a-z0-9-]{0,30}$/.test(stack)) {
    throw new Failure(
      `"${stack}" cannot be a stack of the lab: use lower-case letters, digits and dashes`,
    );
  }
  const directory = path.join(checkout, ".lab", stack);
  const name = `Pulumi.${stack}.yaml`;
  const candidates = [path.join(checkout, name), path.join(directory, name)];
  const found = candidates.find((file) => existsSync(file)) ?? path.join(checkout, name);
  return {
    stack,
    root: checkout,
    stackFile: stackFile === undefined ? found : path.resolve(checkout, stackFile),
    directory,
  };
}
