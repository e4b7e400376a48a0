import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";

import { Failure } from "../failure";
import { attempt, capture, run, type Result } from "../process";
import type { Stack, WantedHost } from "../stack";

/** Makes the stack's key pair where it is missing, and gives the public key's line. */
export async function ensureKeyPair(stack: Stack): Promise<string> {
  const file = stack.privateKeyFile;
  const publicFile = `${file}.pub`;
  if (!existsSync(file)) {
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    const temporary = `${file}.${process.pid}`;
    const options = ["-q", "-t", "ed25519", "-N", "", "-C", "kubeadm-ha lab"];
    await run("ssh-keygen", [...options, "-f", temporary]);
    renameSync(`${temporary}.pub`, publicFile);
    renameSync(temporary, file);
  }
  if (!existsSync(publicFile)) {
    writeFileSync(publicFile, `${await capture("ssh-keygen", ["-y", "-f", file])}\n`);
  }
  chmodSync(file, 0o600);
  return readFileSync(publicFile, "utf8").trim();
}

/** The arguments that make ssh reach a host with the stack's key, its host key checked. The command follows. */
export function sshArguments(stack: Stack, host: WantedHost): string[] {
  return [
    ...["-F", "none", "-i", stack.privateKeyFile, "-o", "IdentitiesOnly=yes"],
    ...["-o", `UserKnownHostsFile=${stack.knownHosts}`, "-o", "GlobalKnownHostsFile=none"],
    ...["-o", "StrictHostKeyChecking=yes", "-o", "BatchMode=yes", "-o", "ConnectTimeout=5"],
    ...["-o", "LogLevel=ERROR", "-p", String(host.port), `${stack.user}@127.0.0.1`],
  ];
}

/** Milliseconds between two questions whether a host answers. */
const pause = 100;

/**
 * Waits until a host lets the stack's user in by SSH and sudo works there.
 *
 * @param seconds how long at most. Default: 120.
 * @throws Failure with ssh's last words when it does not.
 */
export async function awaitSsh(stack: Stack, host: WantedHost, seconds = 120): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const args = [...sshArguments(stack, host), "sudo -n true"];
    const asked = await attempt("timeout", ["10", "ssh", ...args], { timeout: 20 });
    if (asked.code === 0) return;
    if (Date.now() > deadline) {
      throw new Failure(
        `${host.name} does not answer by SSH within ${seconds} s: ${asked.tail || "no answer"}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

/**
 * Runs a command on a host as the stack's user, whatever its exit status; 255 when SSH itself fails.
 *
 * @param command one line for the user's shell there.
 * @param options.timeout seconds. Default: 120.
 */
export async function onHost(
  stack: Stack,
  host: WantedHost,
  command: string,
  options: { readonly input?: string; readonly timeout?: number } = {},
): Promise<Result> {
  const args = [...sshArguments(stack, host), command];
  return attempt("ssh", args, { timeout: 120, ...options });
}
