import path from "node:path";

import { pulumi } from "../../../../lab/pulumi";
import { dropState, stateResources } from "../../../../lab/state";
import type { Suite } from "../suite/suite";

/**
 * Loses Pulumi's state of a stack for a while, as with the machine that it lay on; afterwards it comes back out of an export, as
 * out of a backup.
 */
export async function withoutState<T>(suite: Suite, work: () => Promise<T>): Promise<T> {
  const file = path.join(suite.lab.directory, "backup-of-state.json");
  await stack(suite, "export", file);
  const resources = stateResources(suite.lab);
  dropState(suite.lab);
  try {
    return await work();
  } finally {
    dropState(suite.lab);
    await stack(suite, "import", file);
    expect(stateResources(suite.lab)).toBe(resources);
  }
}

async function stack({ lab }: Suite, word: "export" | "import", file: string): Promise<void> {
  const result = await pulumi(lab, ["stack", word, "--file", file]);
  if (result.code !== 0) throw new Error(`pulumi stack ${word} ended with:\n${result.tail}`);
}
