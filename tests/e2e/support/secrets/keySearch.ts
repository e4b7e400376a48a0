import { readFileSync } from "node:fs";

import { pulumi } from "../../../../lab/pulumi";
import { readStack } from "../../../../lab/stack";
import type { Suite } from "../suite/suite";
import { canaries } from "./canary";
import { findsOf, keyFilesOf, scanHosts, type Allowed, type Find } from "./hostScan";
import type { Secrets } from "./secretScan";

/** Where keys may lie on hosts. */
export const allowed: readonly Allowed[] = [
  { path: /^\/var\/lib\/kubeadm-ha\/(pki\/.+\.key|admin\.conf|join\.conf)$/, owner: "root" },
  { path: /^\/etc\/kubernetes\/(pki\/.+\.key|[a-z-]+\.conf)$/, owner: "root" },
  { path: /^\/var\/lib\/kubelet\/pki\/kubelet(-client-.+\.pem|\.key)$/, owner: "root" },
  { path: /^\/etc\/etcd\/pki\/(server|peer)\.key$/, owner: "etcd" },
  { path: /^\/etc\/etcd\/pki\/health\.key$/, owner: "root" },
  { path: /^\/home\/admin\/\.kube\/config$/, owner: "admin" },
];

/** The name of the key with which Pulumi logs in. */
export const sshKey = "the SSH key";

/** The finds in words, sorted: host, place, mode and owner. */
export function places(finds: readonly Find[]): readonly string[] {
  return finds
    .map(({ host, place, mode, owner }) => `${host} ${place} ${mode} ${owner}`.trim())
    .sort();
}

/** How the keys of a stack are learned, and looked for on its hosts. */
export interface KeySearch {
  /** The name of a key that the stack makes: its resource's. */
  readonly ofTheStack: (key: string) => string;
  /**
   * Adds all keys that there are by now: the SSH key, those of the stack, and those that kubeadm and the kubelets have made
   * on hosts, under the names of their files.
   *
   * @returns the export of the stack, with its secrets shown.
   */
  readonly learn: (secrets: Secrets) => Promise<string>;
  /** Looks for the secrets, and for the canaries, on all hosts. */
  readonly look: (secrets: Secrets) => Promise<readonly Find[]>;
  /** The hosts that have a secret. */
  readonly holders: (finds: readonly Find[], name: string) => readonly string[];
}

/** The search on the hosts of a stack. */
export function keySearch(suite: Suite, hosts: readonly string[]): KeySearch {
  return {
    ofTheStack: (key) => `${suite.lab.stack}-${key}`,
    learn: async (secrets) => {
      secrets.addKeysIn(readFileSync(readStack(suite.lab).privateKeyFile, "utf8"), sshKey);
      const { stdout } = await pulumi(suite.lab, ["stack", "export", "--show-secrets"]);
      secrets.addExport(stdout);
      for (const host of hosts) {
        for (const [file, text] of await keyFilesOf(suite, host)) {
          secrets.addKeysIn(text, `${host} ${file}`);
        }
      }
      return stdout;
    },
    look: (secrets) => scanHosts(suite, hosts, [...secrets.all, ...canaries]),
    holders: (finds, name) => {
      const having = findsOf(finds, [name]).map(({ host }) => host);
      return hosts.filter((host) => having.includes(host));
    },
  };
}
