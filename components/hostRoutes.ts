import { addressNumber, networkRange } from "../config/primitives";
import type { Look } from "./hostIdentities";
import type { Role } from "./remote/steps";

/** A host, and what its preflight has printed. */
export interface PeerLook extends Look {
  readonly role: Role;
  /** The cluster address. */
  readonly address: string;
}

/** What a preflight prints of a host's routes: where the host has no default route, or routes that lead nowhere. */
const printedRoute = /^(route|no-route) ([\d.]+(?:\/\d+)?)$/;

type Range = ReturnType<typeof networkRange>;

/**
 * Hosts that seem to have no route to a peer, by the routes that their preflights have printed. Which route of several counts
 * only the host knows, so these are doubts, to be looked at there.
 *
 * @returns by host, a line `peer address host` for each such peer.
 */
export function missingRoutes(looks: readonly PeerLook[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const look of looks) {
    const has = rangesOf(look, "route");
    const lacks = rangesOf(look, "no-route");
    if (has.length + lacks.length === 0) continue;
    const lines = looks
      .filter((peer) => peer !== look && talk(look.role, peer.role))
      .filter(({ address }) => within(lacks, address) || (has.length > 0 && !within(has, address)))
      .map(({ name, address }) => `peer ${address} ${name}\n`);
    if (lines.length > 0) found.set(look.name, lines.join(""));
  }
  return found;
}

function rangesOf({ printed }: Look, kind: string): Range[] {
  return printed.split("\n").flatMap((line) => {
    const [, found, network = ""] = printedRoute.exec(line) ?? [];
    return found === kind ? [networkRange(network)] : [];
  });
}

function within(ranges: readonly Range[], address: string): boolean {
  const number = addressNumber(address);
  return ranges.some(([first, last]) => first <= number && number <= last);
}

/** Whether hosts of two roles talk to each other: etcd's with etcd and control planes, all others with all others. */
function talk(one: Role, other: Role): boolean {
  const ofEtcd = (role: Role): boolean => role === "etcd" || role === "control-plane";
  return (one !== "etcd" || ofEtcd(other)) && (other !== "etcd" || ofEtcd(one));
}
