import { readFileSync } from "node:fs";

import { findHostKey } from "../../../../config/knownHosts";
import { updateKnownHosts } from "../../../../lab/hosts/knownHosts";
import { readStack } from "../../../../lab/stack";
import { balancer } from "./stackedCluster";
import { entriesOf, small, smallWith } from "./smallCluster";
import type { Edit } from "./stackFile";

/** The usual stack file of the small cluster, which the lab needs to work on hosts. */
export function writeForTheLab(edit: Edit = () => undefined): void {
  small.writeStackFile(smallWith(edit));
}

/**
 * Writes the small cluster's stack file so that its hosts are dialled at their own addresses, through the balancer's host as a
 * jump host: nothing on this machine leads to them otherwise.
 *
 * @param edit a change beside that.
 * @param port where the jump host is dialled. Default: where the lab publishes it.
 * @throws where the lab does not know the key of one of the hosts yet.
 */
export function writeBehindBastion(edit: Edit = () => undefined, port?: number): void {
  writeForTheLab(edit);
  const { hosts, knownHosts } = readStack(small.lab);
  const known = readFileSync(knownHosts, "utf8");
  const published = new Map(hosts.map((host) => [host.name, host.port]));
  const keyOf = (name: string): string => {
    const key = findHostKey(known, "127.0.0.1", published.get(name) ?? 0);
    if (key === undefined) throw new Error(`the key of ${name} is not known`);
    return key;
  };
  const jump = { host: "127.0.0.1", port: port ?? published.get(balancer) };
  if (port !== undefined) {
    updateKnownHosts(knownHosts, [{ port, key: keyOf(balancer) }], { only: false });
  }
  small.writeStackFile(
    smallWith((stack) => {
      edit(stack);
      for (const entry of entriesOf(stack)) {
        Object.assign(entry, { ssh: { hostKey: keyOf(entry.name) } });
      }
      Object.assign(stack.config["kubeadm-ha:ssh"] as object, { bastion: jump });
    }),
  );
}

/** Where the lab publishes the jump host's SSH. */
export function bastionPort(): number {
  writeForTheLab();
  const found = readStack(small.lab).hosts.find(({ name }) => name === balancer);
  if (found === undefined) throw new Error("the stack file has no balancer");
  return found.port;
}
