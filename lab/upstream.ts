import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

import type { Lab } from "./lab";

/** The mark of a lab that was brought up with `--upstream`: its hosts use the internet and no mirror. */
function mark(lab: Lab): string {
  return path.join(lab.directory, "upstream");
}

/** Remembers whether this lab's hosts use the upstream sources instead of the mirror. */
export function setUpstream(lab: Lab, upstream: boolean): void {
  mkdirSync(lab.directory, { recursive: true, mode: 0o700 });
  if (upstream)
    writeFileSync(mark(lab), "Brought up with --upstream: no mirror, egress allowed.\n");
  else rmSync(mark(lab), { force: true });
}

/** Whether this lab's hosts reach the world outside: only after `up --upstream`. */
export function egressAllowed(lab: Lab): boolean {
  return existsSync(mark(lab));
}
