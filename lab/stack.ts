import { readFileSync } from "node:fs";
import path from "node:path";

import yaml from "js-yaml";
import { z } from "zod";

import { Failure } from "./failure";
import type { Lab } from "./lab";

/** What a host is for. */
export type Role = "balancer" | "etcd" | "controlPlane" | "worker";

/** A host that the stack file wants. */
export interface WantedHost {
  readonly name: string;
  /** Its address in the lab's network. */
  readonly address: string;
  /** The port on 127.0.0.1 where its SSH is published. */
  readonly port: number;
  readonly role: Role;
}

/** What the lab needs to know from a stack file. */
export interface Stack {
  readonly hosts: readonly WantedHost[];
  /** The user whom SSH lets in. */
  readonly user: string;
  /** Absolute path of the private key; its public half lies beside it with ".pub". */
  readonly privateKeyFile: string;
  /** Absolute path of the known_hosts file. */
  readonly knownHosts: string;
}

const host = z.object({
  name: z.string().regex(/^[a-z][a-z0-9-]{0,40}$/, "must be a host name in lower case"),
  address: z
    .string()
    .regex(/^198\.18\.\d{1,3}\.\d{1,3}$/, "must be an address in the lab's network, 198.18.0.0/16"),
  ssh: z.object(
    {
      host: z.literal("127.0.0.1", "must be 127.0.0.1: the lab publishes SSH on the loopback only"),
      port: z.int().min(1024).max(65535),
    },
    "must give host 127.0.0.1 and a port, or it is no host of the lab",
  ),
  gone: z.boolean().default(false),
});
const hosts = z.array(host).default([]);

const schema = z.object({
  "kubeadm-ha:ssh": z.object({
    user: z.string(),
    privateKeyFile: z.string(),
    knownHosts: z.string(),
  }),
  "kubeadm-ha:loadBalancer": z.object({ hosts }).optional(),
  "kubeadm-ha:etcd": z.object({ hosts }).optional(),
  "kubeadm-ha:controlPlanes": hosts,
  "kubeadm-ha:workers": hosts,
});

/** The lab's network; 198.18.0.0/15 is reserved for tests, so it is nobody's. */
export const reserved = { gateway: "198.18.0.1", mirrors: "198.18.255." };

/**
 * Reads which hosts a stack file wants, and how SSH reaches them. Hosts marked `gone` are not wanted.
 *
 * @throws Failure when the file is missing, is no YAML, or names hosts that are not the lab's: nothing of the lab may ever
 *   touch a real host. All findings are in one message.
 */
export function readStack(lab: Lab): Stack {
  const name = path.relative(lab.root, lab.stackFile);
  let text: string;
  try {
    text = readFileSync(lab.stackFile, "utf8");
  } catch {
    throw new Failure(`${name}: there is no such stack file`);
  }
  return parseStack(text, name, lab.root);
}

/**
 * The pure part of {@link readStack}.
 *
 * @param name how messages call the file.
 * @param root what relative paths in the file are relative to.
 */
export function parseStack(text: string, name: string, root: string): Stack {
  let document: unknown;
  try {
    document = yaml.load(text);
  } catch (error) {
    const reason = error instanceof yaml.YAMLException ? error.reason : String(error);
    throw new Failure(`${name}: is not valid YAML: ${reason}`);
  }
  const parsed = z.object({ config: schema }).safeParse(document);
  if (!parsed.success) {
    const findings = parsed.error.issues.map(
      (issue) => `${name}: ${describePath(issue.path)}: ${issue.message}`,
    );
    throw new Failure(findings.join("\n"));
  }
  const config = parsed.data.config;
  const of = (role: Role, list: readonly z.output<typeof host>[] = []): WantedHost[] =>
    list
      .filter((h) => !h.gone)
      .map((h) => ({ name: h.name, address: h.address, port: h.ssh.port, role }));
  const wanted = [
    ...of("balancer", config["kubeadm-ha:loadBalancer"]?.hosts),
    ...of("etcd", config["kubeadm-ha:etcd"]?.hosts),
    ...of("controlPlane", config["kubeadm-ha:controlPlanes"]),
    ...of("worker", config["kubeadm-ha:workers"]),
  ];
  refuseConflicts(wanted, name);
  const ssh = config["kubeadm-ha:ssh"];
  return {
    hosts: wanted,
    user: ssh.user,
    privateKeyFile: path.resolve(root, ssh.privateKeyFile),
    knownHosts: path.resolve(root, ssh.knownHosts),
  };
}

/** "config.kubeadm-ha:workers[0].ssh" rather than a list of keys. */
function describePath(keys: readonly PropertyKey[]): string {
  const text = keys.map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`));
  return text.join("").replace(/^\.(config\.)?/, "");
}

function refuseConflicts(wanted: readonly WantedHost[], name: string): void {
  for (const key of ["name", "address", "port"] as const) {
    const seen = new Map<string | number, string>();
    for (const one of wanted) {
      const first = seen.get(one[key]);
      if (first !== undefined) {
        throw new Failure(`${name}: ${first} and ${one.name} have the same ${key}, ${one[key]}`);
      }
      seen.set(one[key], one.name);
    }
  }
  for (const one of wanted) {
    if (one.address === reserved.gateway || one.address.startsWith(reserved.mirrors)) {
      throw new Failure(`${name}: ${one.name}: the lab itself uses ${one.address}`);
    }
  }
}

/** The host of that name. @throws Failure that lists the stack's hosts. */
export function hostNamed(stack: Stack, name: string, lab: Lab): WantedHost {
  const found = stack.hosts.find((h) => h.name === name);
  if (found !== undefined) return found;
  const known = stack.hosts.map((h) => h.name).join(", ");
  throw new Failure(`${name} is no host of the stack ${lab.stack}; its hosts are ${known}`);
}
