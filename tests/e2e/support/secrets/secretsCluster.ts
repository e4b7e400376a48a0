import { readFileSync } from "node:fs";

import { pulumi } from "../../../../lab/pulumi";
import { readStack } from "../../../../lab/stack";
import { canaries, canaryWord } from "./canary";
import { findsOf, keyFilesOf, scanHosts, type Allowed, type Find } from "./hostScan";
import { Secrets } from "./secretScan";
import type { Edit } from "../suite/stackFile";
import { suite } from "../suite/suites";

/** The stack with one host of each role, and so with every kind of key that there is. */
export const small = suite("secrets");
export const hosts = ["lb1", "etcd1", "cp1", "w1"];

/** Makes it of the committed stack file with external etcd. */
export const oneOfEach: Edit = ({ config }) => {
  const balancer = config["kubeadm-ha:loadBalancer"];
  balancer.hosts?.splice(1);
  delete balancer["virtualIp"];
  const etcd = config["kubeadm-ha:etcd"];
  etcd.hosts?.splice(1);
  etcd["allowSingle"] = true;
  config["kubeadm-ha:controlPlanes"].splice(1);
};

/** The same with the canary's word as a label, which nobody hides. */
export const withCanary: Edit = (stack) => {
  oneOfEach(stack);
  Object.assign(stack.config["kubeadm-ha:workers"][0] ?? {}, {
    labels: { "example.com/canary": canaryWord },
  });
};

/** Takes the label away again. */
export const withoutLabels: Edit = ({ config }) => {
  for (const worker of config["kubeadm-ha:workers"]) delete worker["labels"];
};

/** Says of all machines with keys that they are new ones: keys are to be put there once more. */
export const madeAnew: Edit = ({ config }) => {
  const etcd = config["kubeadm-ha:etcd"].hosts ?? [];
  const all = [...etcd, ...config["kubeadm-ha:controlPlanes"], ...config["kubeadm-ha:workers"]];
  for (const host of all) host["generation"] = 2;
};

/** Where keys may lie on hosts. */
export const allowed: readonly Allowed[] = [
  { path: /^\/var\/lib\/kubeadm-ha\/(pki\/.+\.key|admin\.conf|join\.conf)$/, owner: "root" },
  { path: /^\/etc\/kubernetes\/(pki\/.+\.key|[a-z-]+\.conf)$/, owner: "root" },
  { path: /^\/var\/lib\/kubelet\/pki\/kubelet(-client-.+\.pem|\.key)$/, owner: "root" },
  { path: /^\/etc\/etcd\/pki\/(server|peer)\.key$/, owner: "etcd" },
  { path: /^\/etc\/etcd\/pki\/health\.key$/, owner: "root" },
  { path: /^\/home\/admin\/\.kube\/config$/, owner: "admin" },
];

/** The name of a key that the stack makes: its resource's. */
export const ofTheStack = (key: string): string => `${small.lab.stack}-${key}`;

/** All keys that the stack makes. */
export const stackKeys = [
  ...["ca", "front-proxy-ca", "etcd-ca", "service-account"],
  ...["kubernetes-admin", "kubeadm-ha-joiner"],
  ...["etcd-etcd1-server", "etcd-etcd1-peer", "etcd-api-server-client", "etcd-health-client"],
].map(ofTheStack);

/** The name of the key with which Pulumi logs in. */
export const sshKey = "the SSH key";

/**
 * Adds all keys that there are by now: the SSH key, those of the stack, and those that kubeadm and the kubelets have made on
 * hosts, under the names of their files.
 *
 * @returns the export of the stack, with its secrets shown.
 */
export async function learn(secrets: Secrets): Promise<string> {
  secrets.addKeysIn(readFileSync(readStack(small.lab).privateKeyFile, "utf8"), sshKey);
  const { stdout } = await pulumi(small.lab, ["stack", "export", "--show-secrets"]);
  secrets.addExport(stdout);
  for (const host of hosts) {
    for (const [file, text] of await keyFilesOf(small, host)) {
      secrets.addKeysIn(text, `${host} ${file}`);
    }
  }
  return stdout;
}

/** Looks for the secrets, and for the canaries, on all hosts. */
export function look(secrets: Secrets): Promise<readonly Find[]> {
  return scanHosts(small, hosts, [...secrets.all, ...canaries]);
}

/** The hosts that have a secret. */
export function holders(finds: readonly Find[], name: string): readonly string[] {
  const having = findsOf(finds, [name]).map(({ host }) => host);
  return hosts.filter((host) => having.includes(host));
}

/** The finds in words, sorted: host, place, mode and owner. */
export function places(finds: readonly Find[]): readonly string[] {
  return finds
    .map(({ host, place, mode, owner }) => `${host} ${place} ${mode} ${owner}`.trim())
    .sort();
}

/** Whether the login user may run something as root on the worker; it gets a program that does nothing. */
export async function maySudo(command: string): Promise<boolean> {
  const asked = `su admin -c ${JSON.stringify(`sudo -n ${command}`)}`;
  return (await small.onHost("w1", asked, { input: "exit 0\n" })).code === 0;
}
