import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

import yaml from "js-yaml";

import { checkout } from "../../../../lab/lab";

/** A host's entry in a stack file. */
export interface HostEntry {
  name: string;
  address: string;
  ssh: { host: string; port: number };
  [key: string]: unknown;
}

/** The part of a stack file that stories edit. */
export interface StackFile {
  config: {
    "kubeadm-ha:loadBalancer": { kind: string; hosts?: HostEntry[]; [key: string]: unknown };
    "kubeadm-ha:etcd": { topology: string; hosts?: HostEntry[]; [key: string]: unknown };
    "kubeadm-ha:controlPlanes": HostEntry[];
    "kubeadm-ha:workers": HostEntry[];
    [key: string]: unknown;
  };
}

/** A change of a stack file, as a user would make it in an editor. */
export type Edit = (stack: StackFile) => void;

/** Where the stories' stack files come from: a committed one, on addresses and ports of its own. */
export interface Origin {
  /** The stack's name. */
  readonly stack: string;
  /** The committed stack file's stack. */
  readonly from: string;
  /** The first three parts of the hosts' addresses: the committed file's, and the stories'. */
  readonly network: readonly [committed: string, own: string];
  /** The first two of the four digits of the hosts' SSH ports, likewise. */
  readonly ports: readonly [committed: string, own: string];
}

/** The text of a committed stack file with the origin's addresses, ports and keys in it. */
export function moved(text: string, { stack, from, network, ports }: Origin): StackFile {
  const own = text
    .replaceAll(`${network[0]}.`, `${network[1]}.`)
    .replace(new RegExp(`\\bport: ${ports[0]}(\\d\\d)\\b`, "g"), `port: ${ports[1]}$1`)
    .replaceAll(`.lab/${from}/`, `.lab/${stack}/`);
  return yaml.load(own) as StackFile;
}

/** The stories' copy of the committed stack file, so that they prove the very file a newcomer uses. */
export function committed(origin: Origin): StackFile {
  const file = path.join(checkout, `Pulumi.${origin.from}.yaml`);
  return moved(readFileSync(file, "utf8"), origin);
}

/** A host on the origin's network. @param last the last part of its address, and with it of its port. */
export function hostEntry(origin: Origin, name: string, last: number): HostEntry {
  const port = Number(`${origin.ports[1]}${String(last).padStart(2, "0")}`);
  return { name, address: `${origin.network[1]}.${last}`, ssh: { host: "127.0.0.1", port } };
}

/** Writes a stack file. */
export function save(file: string, stack: StackFile): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, yaml.dump(stack, { noRefs: true, lineWidth: -1 }));
}

/** Reads what {@link save} has written. */
export function read(file: string): StackFile {
  return yaml.load(readFileSync(file, "utf8")) as StackFile;
}
