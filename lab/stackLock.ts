import { mkdirSync } from "node:fs";
import path from "node:path";

import { withLock } from "./build/lock";
import type { Lab } from "./lab";
import type { Progress } from "./output";

/** Does work that changes a stack's hosts or state, while no other process of the lab does such work on that stack. */
export async function alone<T>(lab: Lab, report: Progress, work: () => Promise<T>): Promise<T> {
  mkdirSync(lab.directory, { recursive: true, mode: 0o700 });
  const onWait = (): void =>
    report.line(`another process works on the stack ${lab.stack}: waiting for it`);
  return withLock(path.join(lab.directory, "lock"), onWait, work);
}
