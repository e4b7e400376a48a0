import type { SshLogin } from "../../config/load";

/** A host as somebody knows it who has to mend something. */
export interface DialledHost {
  /** Its name in the stack file. */
  readonly name: string;
  readonly login: SshLogin;
}

/** What became of a connection, by what the SSH client of the command plugin says; the first that matches holds. */
const kinds: readonly {
  readonly sign: RegExp;
  readonly what: (to: string) => string;
  readonly remedy: (host: DialledHost) => string;
}[] = [
  {
    sign: /host key mismatch|key mismatch/,
    what: (to) => `the host at ${to} has another SSH host key than the one that is known for it`,
    remedy: ({ login: { host, port } }) =>
      `is it the right machine? If it was made anew, compare \`ssh-keyscan -p ${port} -t ed25519 ${host}\` with its console, ` +
      "put that key into known_hosts (or hostKey), and run `pulumi up` again",
  },
  {
    sign: /unable to authenticate/,
    what: (to) => `the host at ${to} does not let the login user in with the stack's SSH key`,
    remedy: ({ login: { user } }) =>
      `put the public key into ~${user}/.ssh/authorized_keys on the host, or set ssh.user or the key right, and run \`pulumi up\` again`,
  },
  {
    sign: /connection refused/,
    what: (to) => `nothing accepts SSH connections at ${to}`,
    remedy: ({ name }) =>
      `see that the host is up and its SSH server runs, and that address and port of ${name} are right; then run \`pulumi up\` again`,
  },
  {
    sign: /no such host|server misbehaving/,
    what: (to) => `${to} is a name that this machine cannot resolve`,
    remedy: ({ name }) => `set address or ssh.host of ${name} right, and run \`pulumi up\` again`,
  },
  {
    sign: /handshake failed/,
    what: (to) => `the SSH server at ${to} ends connections before a login`,
    remedy: () =>
      "see its journal (`journalctl -u ssh`): too many logins at once (MaxStartups), or a rule against this machine; then run `pulumi up` again",
  },
  {
    // Before "timed out": these say that no connection came about at all.
    sign: /dial tcp.*(i\/o timeout|no route to host|network is unreachable|timed out)|after \d+ failed attempts/,
    what: (to) => `the host at ${to} does not answer`,
    remedy: ({ name }) =>
      `see that the host is up and can be reached from here. If ${name} is gone for ever, set \`gone: true\` in its entry. Then run \`pulumi up\` again`,
  },
  {
    sign: /EOF|connection reset|broken pipe|timed out|without exit status|use of closed network connection/,
    what: (to) => `the connection to the host at ${to} was lost; the step may still run there`,
    remedy: () =>
      "see that the host is up, and run `pulumi up` again: it waits for a step that still runs, and goes on from there",
  },
];

/**
 * Tells a failure of the connection to a host in words: which host, what is wrong, what to do. The command plugin's own
 * message has neither the host's name nor a remedy.
 *
 * @param error what the plugin said.
 * @param step the step that was to run there.
 * @returns undefined where the step itself has failed: its program says why.
 */
export function connectionFailure(
  host: DialledHost,
  step: string,
  error: string,
): string | undefined {
  // The plugin repeats what a failed program has printed, which may contain anything.
  if (/Process exited with status/.test(error)) return undefined;
  const kind = kinds.find(({ sign }) => sign.test(error));
  if (kind === undefined) return undefined;
  const to = `${host.login.host}:${host.login.port}`;
  return `${host.name}: ${step}: ${kind.what(to)}\n  what to do: ${kind.remedy(host)}`;
}
