import { readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { checkout, type Lab } from "../../../../lab/lab";
import { capture } from "../../../../lab/process";
import { readStack } from "../../../../lab/stack";
import { stateDirectory } from "../../../../lab/state";

/** Files by their paths, with their contents: a character for each byte. They are read one after the other. */
export type Files = Iterable<readonly [path: string, content: string]>;

/**
 * All files that Pulumi and the lab keep for a stack on this machine: the state with its backups and its history, the
 * stack's own folder, Pulumi's home without its plugins and without other stacks' logs. Not the SSH key's file.
 */
export function pulumiFiles(lab: Lab): Files {
  const { privateKeyFile } = readStack(lab);
  const backend = filesBelow(path.join(stateDirectory(lab), ".pulumi")).filter((file) =>
    file.split(path.sep).some((part) => part === lab.stack || part.startsWith(`${lab.stack}.`)),
  );
  const home = path.join(lab.root, ".lab", "pulumi-home");
  const isOthers = (file: string): boolean =>
    path.dirname(file) === path.join(home, "logs") && !file.includes(`+${lab.stack}-2`);
  const atHome = filesBelow(home, ["plugins"]).filter((file) => !isOthers(file));
  const own = [...filesBelow(lab.directory), ...atHome];
  return contentsOf([...backend, ...own].filter((file) => file !== privateKeyFile));
}

/**
 * The files in this machine's folder for temporary ones that have changed since then; milliseconds since 1970. A checkout may
 * lie there, too: its files are no temporary ones.
 */
export async function temporaryFiles(since: number): Promise<Files> {
  const from = `@${(since / 1000).toFixed(3)}`;
  // Files come and go meanwhile, at which find complains.
  const script = `find "$1" -xdev -type f -newermt ${from} -size -20M -print0 2>/dev/null || true`;
  const list = await capture("bash", ["-c", script, "bash", tmpdir()]);
  const inCheckout = (file: string): boolean => file.startsWith(`${checkout}${path.sep}`);
  return contentsOf(list.split("\0").filter((file) => file !== "" && !inCheckout(file)));
}

function filesBelow(folder: string, except: readonly string[] = []): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const full = path.join(folder, entry.name);
    if (entry.isDirectory()) return except.includes(entry.name) ? [] : filesBelow(full);
    return entry.isFile() ? [full] : [];
  });
}

function* contentsOf(files: readonly string[]): Files {
  for (const file of files) {
    let content: string;
    try {
      content = readFileSync(file, "latin1");
    } catch {
      // It has gone meanwhile.
      continue;
    }
    yield [file, content];
  }
}
