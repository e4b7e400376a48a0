import { containerName } from "../../../lab/hosts/containers";
import { attempt, type Result } from "../../../lab/process";
import { stackName } from "./stackFile";

/** Runs a command as root on a host, past SSH, so that watching a host leaves no trace of a login. */
export async function onHost(
  host: string,
  command: string,
  options: { readonly input?: string; readonly timeout?: number } = {},
): Promise<Result> {
  const args = ["exec", "--interactive", containerName(stackName, host), "bash", "-c", command];
  return attempt("podman", args, { timeout: 120, ...options });
}

/** The same, and what it printed. @throws when the command fails. */
export async function outputOf(host: string, command: string, input?: string): Promise<string> {
  const result = await onHost(host, command, input === undefined ? {} : { input });
  if (result.code !== 0) {
    throw new Error(
      `${host}: ${command}\nended with ${result.code}:\n${result.stdout}${result.stderr}`,
    );
  }
  return result.stdout.trim();
}

/** How many logins by SSH a host's journal shows since its boot. */
export async function sshLogins(host: string): Promise<number> {
  const count = "journalctl --boot --no-pager -t sshd | grep -c 'Accepted publickey' || true";
  return Number(await outputOf(host, count));
}

/** The same of several hosts, by name. */
export async function sshLoginsOf(hosts: readonly string[]): Promise<Record<string, number>> {
  const counts = await Promise.all(hosts.map(sshLogins));
  return Object.fromEntries(hosts.map((host, i) => [host, counts[i] ?? 0]));
}

/** kubectl as the administrator on a control plane; standard input is passed on. */
export async function kubectl(
  args: string,
  options: { readonly on?: string; readonly input?: string } = {},
): Promise<string> {
  const command = `kubectl --kubeconfig /etc/kubernetes/admin.conf --request-timeout=20s ${args}`;
  return outputOf(options.on ?? "cp1", command, options.input);
}

/**
 * Asks again and again until the check no longer throws.
 *
 * @param seconds how long at most; the last failure is then the caller's.
 */
export async function eventually<T>(seconds: number, check: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}
