import type { types } from "@pulumi/command";

import type { LoadedConfig, SshLogin } from "../../config/load";

/**
 * How many more dials after a refused one, and how long one may take, in seconds. The pauses between dials grow from
 * 0.1 to 5 s: a refusing host is given up after 11 s, a silent one after about two minutes.
 */
const limits = { dialErrorLimit: 10, perDialTimeout: 10 } as const;

/** The SSH connection of a host, by way of the stack's jump host where there is one. */
export function connectionOf(
  { logins, bastion, sshPrivateKey }: Pick<LoadedConfig, "logins" | "bastion" | "sshPrivateKey">,
  hostName: string,
): types.input.remote.ConnectionArgs {
  const login = loginOf({ logins }, hostName);
  const connection = ({
    host,
    port,
    user,
    hostKey,
  }: SshLogin): types.input.remote.ConnectionArgs => ({
    host,
    port,
    user,
    ...(sshPrivateKey !== undefined && { privateKey: sshPrivateKey }),
    ...(hostKey !== undefined && { hostKey }),
    ...limits,
  });
  return { ...connection(login), ...(bastion !== undefined && { proxy: connection(bastion) }) };
}

/** How one logs in to a host. */
export function loginOf({ logins }: Pick<LoadedConfig, "logins">, hostName: string): SshLogin {
  const login = logins.get(hostName);
  if (login === undefined) throw new Error(`no SSH login is known for ${hostName}`);
  return login;
}
