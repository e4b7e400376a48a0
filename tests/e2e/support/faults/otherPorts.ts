import { readFileSync } from "node:fs";

import { findHostKey } from "../../../../config/knownHosts";
import { updateKnownHosts } from "../../../../lab/hosts/knownHosts";
import { readStack } from "../../../../lab/stack";
import type { Suite } from "../suite/suite";
import { forwardTo, type Forwarder } from "./loopback";

/**
 * Opens a further port for hosts' SSH, and learns that their keys are the same there.
 *
 * @param names which hosts. Default: all of the stack file.
 * @returns the forwarders by their hosts' names, to be closed in the end.
 */
export async function openOtherPorts(
  suite: Suite,
  names?: readonly string[],
): Promise<ReadonlyMap<string, Forwarder>> {
  const { hosts, knownHosts } = readStack(suite.lab);
  const known = readFileSync(knownHosts, "utf8");
  const opened = new Map<string, Forwarder>();
  for (const { name, port } of hosts) {
    if (names?.includes(name) === false) continue;
    const key = findHostKey(known, "127.0.0.1", port);
    if (key === undefined) throw new Error(`the key of ${name} is not known`);
    const forwarder = await forwardTo(port);
    opened.set(name, forwarder);
    updateKnownHosts(knownHosts, [{ port: forwarder.port, key }], { only: false });
  }
  return opened;
}
