import * as pulumi from "@pulumi/pulumi";

import type { Architecture } from "./etcdReleases";
import { partGone, type GoneHosts } from "./gone";
import { readText } from "./localFile";
import { loginsOf, type SshLogin } from "./logins";
import { inOrder } from "./order";
import { etcdChecksumsOf, outsideProblems } from "./outside";
import { dnsLabel } from "./primitives";
import { hostsWithPaths, type Problem } from "./problem";
import { readableParts } from "./readable";
import { specSchema, type Spec } from "./spec";
import { validate } from "./validate";

export type { SshLogin } from "./logins";

/** A validated stack configuration with everything the program needs from files beside it. */
export interface LoadedConfig {
  /** The stack file with defaults applied. */
  readonly spec: Spec & { readonly name: string };
  /** Machines that the stack file still names and that are gone for ever; {@link spec} is without them. */
  readonly gone: GoneHosts;
  /** The SSH private key as a secret; `undefined` when the SSH agent is used. */
  readonly sshPrivateKey: pulumi.Output<string> | undefined;
  /** How each host is reached, by host name. */
  readonly logins: ReadonlyMap<string, SshLogin>;
  /** The jump host, if there is one. */
  readonly bastion: SshLogin | undefined;
  /** The public key of the mirror's apt repository, ASCII-armoured. */
  readonly aptKey: string | undefined;
  /** The user's own CNI manifest (`network.cni.plugin: manifest`). */
  readonly cniManifest: string | undefined;
  /** SHA-256 of the archives of an external etcd's release, by architecture. */
  readonly etcdChecksums: Partial<Record<Architecture, string>>;
}

/**
 * Reads and checks the stack file and what it needs from outside itself. The only place that reads `pulumi.Config`.
 *
 * @throws pulumi.RunError naming every problem with its path, before any resource is registered.
 */
export function loadConfig(): LoadedConfig {
  const config = new pulumi.Config();
  const input = Object.fromEntries(
    Object.keys(specSchema.shape)
      .map((key) => [key, readKey(config, key)] as const)
      .filter(([, value]) => value !== undefined),
  );
  const values = { ...input, ...unknownKeys(config) };
  const validation = validate(values);
  const inline = config.getSecret(secretKey);
  const unnamed = values["name"] === undefined ? stackNameProblems(config.name) : [];
  if (!validation.ok) {
    const { problems } = validation;
    const outside = outsideProblems(readableParts(values), inline !== undefined);
    throw invalid([
      ...unnamed,
      ...problems,
      ...outside.filter(({ path }) => !isOpen(path, problems)),
    ]);
  }
  const { spec } = validation;
  const parts = { ...spec, endpoint: spec.endpoint, hosts: hostsWithPaths(spec) };
  const problems = [...unnamed, ...outsideProblems(parts, inline !== undefined)];
  if (problems.length > 0) throw invalid(problems);
  warnOfEmptyPassphrase();
  const { apt } = spec.mirror;
  const { cni } = spec.network;
  return {
    ...partGone({ ...spec, name: spec.name ?? pulumi.getStack() }),
    sshPrivateKey: sshPrivateKey(spec, inline),
    ...loginsOf(spec),
    aptKey: apt && readText(apt.keyFile)?.trim(),
    cniManifest: cni.plugin === "manifest" ? readText(cni.file) : undefined,
    etcdChecksums: etcdChecksumsOf(spec),
  };
}

/** The stack's name is the cluster's where the file has none, and Pulumi takes more names than Kubernetes does. */
function stackNameProblems(project: string): Problem[] {
  const stack = pulumi.getStack();
  if (dnsLabel.safeParse(stack).success) return [];
  const message = `the stack's name ${stack} is no DNS label: set ${project}:name to lower-case letters, digits and dashes, at most 63, with a letter or digit at both ends`;
  return [{ path: "name", message }];
}

/** What decides about a need outside the stack file, beside the keys below its own path. */
const decidedBy: Readonly<Record<string, readonly string[]>> = {
  "etcd.checksumsFile": ["etcd.version", "kubernetes.version"],
};

/** Whether problems are of what a need comes from: once that is right, it may be another. */
function isOpen(need: string, problems: readonly Problem[]): boolean {
  return problems.some(
    ({ path }) => path.startsWith(`${need}.`) || decidedBy[need]?.includes(path) === true,
  );
}

/**
 * The state's secrets provider is the user's choice, and a program is not told which it is. Only this much is certain: a
 * passphrase that is set and empty protects nothing. Pulumi itself prefers it to a passphrase file, too.
 */
function warnOfEmptyPassphrase(): void {
  const [variable, fileVariable] = ["PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE"];
  const passphrase = process.env[variable];
  const file = process.env[fileVariable];
  const fromFile = passphrase === undefined && file ? readText(file) : undefined;
  if ((passphrase ?? fromFile?.trim()) !== "") return;
  void pulumi.log.warn(
    `${passphrase === undefined ? `The file of ${fileVariable}` : variable} is empty. Where this stack's secrets provider is a passphrase, whoever reads the state or a backup of it has the cluster's CA keys and the SSH key: choose another with \`pulumi stack change-secrets-provider\`. With another secrets provider, unset the variable.`,
  );
}

function invalid(problems: readonly Problem[]): pulumi.RunError {
  const lines = inOrder(problems).map(({ path, message }) => `  ${path}: ${message}`);
  const count = problems.length === 1 ? "a problem" : `${problems.length} problems`;
  return new pulumi.RunError(
    `Pulumi.${pulumi.getStack()}.yaml has ${count}; nothing has been changed:\n${lines.join("\n")}`,
  );
}

/** Structured keys are YAML objects, the others plain text: `getObject` fails on text that is not JSON. */
function readKey(config: pulumi.Config, key: string): unknown {
  const text = config.get(key);
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "number" ? text : value;
  } catch {
    return text;
  }
}

/** Keys of this project's namespace that the schema does not know, so that validation can name them. */
function unknownKeys(config: pulumi.Config): Record<string, unknown> {
  const prefix = `${config.name}:`;
  const known = new Set([...Object.keys(specSchema.shape), secretKey]);
  return Object.fromEntries(
    Object.keys(pulumi.runtime.allConfig())
      .filter((key) => key.startsWith(prefix))
      .map((key) => key.slice(prefix.length))
      .filter((key) => !known.has(key))
      .map((key) => [key, null]),
  );
}

const secretKey = "sshPrivateKey";

function sshPrivateKey(
  { ssh: { agent, privateKeyFile } }: Spec,
  inline: pulumi.Output<string> | undefined,
): pulumi.Output<string> | undefined {
  if (agent) return undefined;
  if (inline !== undefined || privateKeyFile === undefined) return inline;
  return pulumi.secret(readText(privateKeyFile) ?? "");
}
