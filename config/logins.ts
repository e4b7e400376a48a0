import { findHostKey } from "./knownHosts";
import { readText } from "./localFile";
import { hostsWithPaths, type Problem } from "./problem";
import type { Some } from "./rules/parts";
import { shellPath } from "./shellPath";
import type { HostSpec, Spec } from "./spec";

/** Where to dial, as whom, and which host key to expect. */
export interface SshLogin {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** A line such as `ssh-ed25519 AAAA…`; `undefined` when host keys are not checked. */
  readonly hostKey: string | undefined;
}

/** How each host is reached, by name, and how the jump host is. */
export function loginsOf(spec: Spec): {
  readonly logins: ReadonlyMap<string, SshLogin>;
  readonly bastion: SshLogin | undefined;
} {
  const { ssh } = spec;
  const known = knownHosts(ssh);
  const bastion = bastionOf(ssh);
  const login = (host: HostSpec): SshLogin => {
    const dialled = dial(ssh, host);
    const hostKey = host.ssh?.hostKey ?? findHostKey(known, dialled.host, dialled.port);
    return { ...dialled, user: host.ssh?.user ?? ssh.user, hostKey };
  };
  return {
    logins: new Map(hostsWithPaths(spec).map(([, host]) => [host.name, login(host)])),
    bastion: bastion && { ...bastion, hostKey: findHostKey(known, bastion.host, bastion.port) },
  };
}

/** Hosts whose key is wanted and nowhere written down, each with the command that gets it. */
export function hostKeyProblems({ ssh, hosts }: Some<"ssh" | "hosts">): Problem[] {
  if (!ssh.checkHostKeys) return [];
  const known = knownHosts(ssh);
  // Nobody dials a machine that is gone: its key may be forgotten.
  const dialled = hosts.filter(([, host]) => host.ssh?.hostKey === undefined && !host.gone);
  const wanted = [
    ...(ssh.bastion === undefined ? [] : [["ssh.bastion", ssh.bastion, undefined] as const]),
    ...dialled.map(([path, host]) => [path, dial(ssh, host), bastionOf(ssh)] as const),
  ];
  return wanted
    .filter(([, { host, port }]) => findHostKey(known, host, port) === undefined)
    .map(([path, { host, port }, through]) => {
      const command = `${keyScan({ host, port }, through)} >> ${shellPath(ssh.knownHosts)}`;
      const message = `${ssh.knownHosts} has no ed25519 key for ${host} port ${port}; get it with \`${command}\` and compare its fingerprint with the machine's`;
      return { path, message };
    });
}

/** How the jump host is logged in to. */
function bastionOf({
  bastion,
  user,
}: Spec["ssh"]): Pick<SshLogin, "host" | "port" | "user"> | undefined {
  return bastion && { host: bastion.host, port: bastion.port, user: bastion.user ?? user };
}

/**
 * The command that shows a host's key.
 *
 * @param bastion runs it on the jump host, which alone reaches the hosts behind it.
 */
export function keyScan(
  { host, port }: Pick<SshLogin, "host" | "port">,
  bastion?: Pick<SshLogin, "host" | "port" | "user">,
): string {
  const through =
    bastion === undefined ? "" : `ssh -p ${bastion.port} ${bastion.user}@${bastion.host} `;
  return `${through}ssh-keyscan -t ed25519 -p ${port} ${host}`;
}

function dial(ssh: Spec["ssh"], { address, ssh: own }: HostSpec): { host: string; port: number } {
  return { host: own?.host ?? address, port: own?.port ?? ssh.port };
}

/** Nothing is looked up where host keys are not checked. */
function knownHosts(ssh: Spec["ssh"]): string {
  return ssh.checkHostKeys ? (readText(ssh.knownHosts) ?? "") : "";
}
