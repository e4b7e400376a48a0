import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { resolve } from "node:path";

import * as pulumi from "@pulumi/pulumi";

import { partGone, type GoneHosts } from "./gone";
import { findHostKey } from "./knownHosts";
import { specSchema, type HostSpec, type Spec } from "./spec";
import { etcdChecksums, parseChecksums } from "./etcdReleases";
import { hostsWithPaths, type Problem } from "./problem";
import { etcdVersionOf } from "./topology";
import { validate } from "./validate";

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
  readonly etcdChecksums: Partial<Record<"amd64" | "arm64", string>>;
}

/** Where to dial, as whom, and which host key to expect. */
export interface SshLogin {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** A line such as `ssh-ed25519 AAAA…`; `undefined` when host keys are not checked. */
  readonly hostKey: string | undefined;
}

/**
 * Reads and checks the stack file. The only place that reads `pulumi.Config` and local files.
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
  const validation = validate({ ...input, ...unknownKeys(config) });
  if (!validation.ok) throw invalid(validation.problems);
  const { spec } = validation;

  const problems: Problem[] = [];
  const read = (path: string, file: string): string => {
    const text = readText(file);
    if (text === undefined) problems.push({ path, message: `cannot read the file ${file}` });
    return text ?? "";
  };
  const { apt } = spec.mirror;
  const { cni } = spec.network;
  const loaded: LoadedConfig = {
    ...partGone({ ...spec, name: spec.name ?? pulumi.getStack() }),
    sshPrivateKey: sshPrivateKey(config, spec, problems),
    ...loginsOf(spec, problems),
    aptKey: apt && read("mirror.apt.keyFile", apt.keyFile).trim(),
    cniManifest: cni.plugin === "manifest" ? read("network.cni.file", cni.file) : undefined,
    etcdChecksums: etcdChecksumsOf(spec, read, problems),
  };
  if (problems.length > 0) throw invalid(problems);
  warnOfEmptyPassphrase();
  return loaded;
}

/**
 * The state's secrets provider is the user's choice, and a program is not told which it is. Only this much is certain: a
 * passphrase that is set and empty protects nothing. Pulumi itself prefers it to a passphrase file, too.
 */
function warnOfEmptyPassphrase(): void {
  if (process.env["PULUMI_CONFIG_PASSPHRASE"] !== "") return;
  void pulumi.log.warn(
    "PULUMI_CONFIG_PASSPHRASE is empty. Where this stack's secrets provider is a passphrase, whoever reads the state or a backup of it has the cluster's CA keys and the SSH key: choose another with `pulumi stack change-secrets-provider`. With another secrets provider, unset the variable.",
  );
}

/** From the stack's own file, or from what the product knows of the release. */
function etcdChecksumsOf(
  spec: Spec,
  read: (path: string, file: string) => string,
  problems: Problem[],
): LoadedConfig["etcdChecksums"] {
  if (spec.etcd.topology === "stacked") return {};
  const path = "etcd.checksumsFile";
  const version = etcdVersionOf(spec, spec.etcd);
  const { checksumsFile: file } = spec.etcd;
  if (file !== undefined) {
    const unreadable = problems.length;
    const sums = parseChecksums(read(path, file), version);
    if (Object.keys(sums).length === 0 && problems.length === unreadable) {
      problems.push({ path, message: `${file} has no line for etcd-v${version}-linux-*.tar.gz` });
    }
    return sums;
  }
  const known = etcdChecksums(version);
  if (known === undefined) {
    const url = `https://github.com/etcd-io/etcd/releases/download/v${version}/SHA256SUMS`;
    const message = `is missing: the product does not know the checksums of etcd ${version}; get them with \`curl -fLo etcd-SHA256SUMS ${url}\` and name that file here`;
    problems.push({ path, message });
  }
  return known ?? {};
}

function invalid(problems: readonly Problem[]): pulumi.RunError {
  const lines = problems.map(({ path, message }) => `  ${path}: ${message}`);
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
  config: pulumi.Config,
  spec: Spec,
  problems: Problem[],
): pulumi.Output<string> | undefined {
  const inline = config.getSecret(secretKey);
  const { privateKeyFile, agent } = spec.ssh;
  if (agent) {
    if (!process.env["SSH_AUTH_SOCK"]) {
      problems.push({ path: "ssh.agent", message: "no SSH agent: $SSH_AUTH_SOCK is not set" });
    }
    return undefined;
  }
  if (inline !== undefined) return inline;
  if (privateKeyFile === undefined) {
    const message =
      "no SSH key: set ssh.privateKeyFile or ssh.agent, or run `pulumi config set --secret sshPrivateKey < FILE`";
    problems.push({ path: "ssh", message });
    return undefined;
  }
  const text = readText(privateKeyFile);
  if (text === undefined) {
    const message = `cannot read the file ${privateKeyFile}`;
    problems.push({ path: "ssh.privateKeyFile", message });
  }
  return pulumi.secret(text ?? "");
}

function loginsOf(
  spec: Spec,
  problems: Problem[],
): { logins: ReadonlyMap<string, SshLogin>; bastion: SshLogin | undefined } {
  const { ssh } = spec;
  const knownHosts = ssh.checkHostKeys ? (readText(ssh.knownHosts) ?? "") : "";
  const expected = (path: string, host: string, port: number): string | undefined => {
    if (!ssh.checkHostKeys) return undefined;
    const key = findHostKey(knownHosts, host, port);
    if (key === undefined) {
      const command = `ssh-keyscan -t ed25519 -p ${port} ${host} >> ${ssh.knownHosts}`;
      const message = `${ssh.knownHosts} has no ed25519 key for ${host} port ${port}; get it with \`${command}\` and compare its fingerprint with the machine's`;
      problems.push({ path, message });
    }
    return key;
  };
  const login = (path: string, { address, ssh: own, gone }: HostSpec): SshLogin => {
    const host = own?.host ?? address;
    const port = own?.port ?? ssh.port;
    const hostKey =
      own?.hostKey ??
      // Nobody dials a machine that is gone: its key may be forgotten.
      (gone ? findHostKey(knownHosts, host, port) : expected(path, host, port));
    return { host, port, user: own?.user ?? ssh.user, hostKey };
  };
  return {
    logins: new Map(hostsWithPaths(spec).map(([path, host]) => [host.name, login(path, host)])),
    bastion: ssh.bastion && {
      host: ssh.bastion.host,
      port: ssh.bastion.port,
      user: ssh.bastion.user ?? ssh.user,
      hostKey: expected("ssh.bastion", ssh.bastion.host, ssh.bastion.port),
    },
  };
}

function readText(file: string): string | undefined {
  const path = resolve(file.replace(/^~(?=\/)/, homedir()));
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}
