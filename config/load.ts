import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { resolve } from "node:path";

import * as pulumi from "@pulumi/pulumi";

import { findHostKey } from "./knownHosts";
import { specSchema, type HostSpec, type Spec } from "./spec";
import { hostsWithPaths, validate, type Problem } from "./validate";

/** A validated stack configuration with everything the program needs from files beside it. */
export interface LoadedConfig {
  /** The stack file with defaults applied. */
  readonly spec: Spec & { readonly name: string };
  /** The SSH private key as a secret; `undefined` when the SSH agent is used. */
  readonly sshPrivateKey: pulumi.Output<string> | undefined;
  /** The public SSH key of each host by host name; empty when host keys are not checked. */
  readonly hostKeys: ReadonlyMap<string, string>;
  /** The bastion's public SSH key. */
  readonly bastionHostKey: string | undefined;
  /** The public key of the mirror's apt repository, ASCII-armoured. */
  readonly aptKey: string | undefined;
  /** The user's own CNI manifest (`network.cni.plugin: manifest`). */
  readonly cniManifest: string | undefined;
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
  const hostKeys = hostKeysOf(spec, problems);
  const loaded: LoadedConfig = {
    spec: { ...spec, name: spec.name ?? pulumi.getStack() },
    sshPrivateKey: sshPrivateKey(config, spec, problems),
    hostKeys: hostKeys.hosts,
    bastionHostKey: hostKeys.bastion,
    aptKey: apt && read("mirror.apt.keyFile", apt.keyFile).trim(),
    cniManifest: cni.plugin === "manifest" ? read("network.cni.file", cni.file) : undefined,
  };
  if (problems.length > 0) throw invalid(problems);
  return loaded;
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

function hostKeysOf(
  spec: Spec,
  problems: Problem[],
): { hosts: ReadonlyMap<string, string>; bastion: string | undefined } {
  const hosts = new Map<string, string>();
  if (!spec.ssh.checkHostKeys) return { hosts, bastion: undefined };
  const knownHosts = readText(spec.ssh.knownHosts) ?? "";
  const find = (path: string, host: string, port: number): string | undefined => {
    const key = findHostKey(knownHosts, host, port);
    if (key === undefined) {
      const command = `ssh-keyscan -t ed25519 -p ${port} ${host} >> ${spec.ssh.knownHosts}`;
      const message = `${spec.ssh.knownHosts} has no ed25519 key for ${host} port ${port}; get it with \`${command}\` and compare its fingerprint with the machine's`;
      problems.push({ path, message });
    }
    return key;
  };
  for (const [path, host] of hostsWithPaths(spec)) {
    const { address, port } = dialled(spec, host);
    const key = host.ssh?.hostKey ?? find(path, address, port);
    if (key !== undefined) hosts.set(host.name, key);
  }
  const { bastion } = spec.ssh;
  return { hosts, bastion: bastion && find("ssh.bastion", bastion.host, bastion.port) };
}

/** Where a host's SSH server is dialled. */
export function dialled(spec: Spec, host: HostSpec): { address: string; port: number } {
  return { address: host.ssh?.host ?? host.address, port: host.ssh?.port ?? spec.ssh.port };
}

function readText(file: string): string | undefined {
  const path = resolve(file.replace(/^~(?=\/)/, homedir()));
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}
