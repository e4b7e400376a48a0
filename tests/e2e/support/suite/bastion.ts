import { readFileSync } from "node:fs";

import { findHostKey } from "../../../../config/knownHosts";
import { readStack } from "../../../../lab/stack";
import { balancer } from "./stackedCluster";
import { entriesOf, small, smallWith } from "./smallCluster";
import type { Edit } from "./stackFile";

/**
 * Makes the small cluster's stack file one whose hosts are dialled at their own addresses, through the balancer's host as a
 * jump host. That one alone is published on the loopback.
 *
 * The lab reads a stack file for where it is to publish its hosts: it is to have the usual one whenever it works on them.
 *
 * @param port where the jump host is dialled. Default: where it is published.
 * @throws where the lab does not know the key of one of the hosts yet.
 */
export function throughBastion(edit: Edit = () => undefined, port?: number): Edit {
  const { hosts, knownHosts } = readStack(small.lab);
  const known = readFileSync(knownHosts, "utf8");
  const published = (name: string): number => {
    const found = hosts.find((host) => host.name === name);
    if (found === undefined) throw new Error(`${name} is no host of the stack file`);
    return found.port;
  };
  const jump = { host: "127.0.0.1", port: port ?? published(balancer) };
  return smallWith((stack) => {
    edit(stack);
    for (const entry of entriesOf(stack)) {
      const hostKey = findHostKey(known, "127.0.0.1", published(entry.name));
      if (hostKey === undefined) throw new Error(`the key of ${entry.name} is not known`);
      Object.assign(entry, { ssh: { hostKey } });
    }
    Object.assign(stack.config["kubeadm-ha:ssh"] as object, { bastion: jump });
  });
}
