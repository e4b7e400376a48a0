import type { SshLogin } from "../../config/load";
import { keyScan } from "../../config/logins";

/** A host as somebody knows it who has to mend something. */
export interface DialledHost {
  /** Its name in the stack file. */
  readonly name: string;
  readonly login: SshLogin;
  /** The jump host that leads to it, where the stack has one. */
  readonly bastion?: SshLogin | undefined;
}

/** Whom a failure is about. */
interface Party {
  /** What a sentence calls it: `the host at 10.0.1.11:22`. */
  readonly called: string;
  /** Which entries of the stack file say where it is, and as whom one logs in. */
  readonly place: string;
  readonly userKey: string;
  readonly login: SshLogin;
  /** The jump host that leads to it. */
  readonly bastion: SshLogin | undefined;
  /** Whether a machine that never comes back may be told so in the stack file. */
  readonly mayBeGone: boolean;
}

/** What became of a connection, by what the SSH client of the command plugin says; the first that matches holds. */
const kinds: readonly {
  readonly sign: RegExp;
  readonly what: (party: Party) => string;
  readonly remedy: (party: Party) => string;
}[] = [
  {
    sign: /host key mismatch|key mismatch/,
    what: ({ called }) => `${called} has another SSH host key than the one that is known for it`,
    remedy: ({ login, bastion }) =>
      `is it the right machine? If it was made anew, compare \`${keyScan(login, bastion)}\` with its console, ` +
      "put that key into known_hosts (or hostKey), and",
  },
  {
    sign: /unable to authenticate/,
    what: ({ called }) => `${called} does not let the login user in with the stack's SSH key`,
    remedy: ({ login: { user }, userKey }) =>
      `put the public key into ~${user}/.ssh/authorized_keys there, or set ${userKey} or the key right, and`,
  },
  {
    sign: /connection refused/,
    what: ({ called }) => `nothing accepts SSH connections: ${called}`,
    remedy: ({ place }) =>
      `see that it is up and its SSH server runs, and that address and port of ${place} are right; then`,
  },
  {
    sign: /no such host|server misbehaving/,
    what: ({ login: { host, port } }) => `${host}:${port} is a name that cannot be resolved`,
    remedy: ({ place }) => `set the address (or ssh.host) of ${place} right, and`,
  },
  {
    sign: /handshake failed/,
    what: ({ called }) => `the SSH server of ${called} ends connections before a login`,
    remedy: () =>
      "see its journal (`journalctl -u ssh`): too many logins at once (MaxStartups), or a rule against this machine; then",
  },
  {
    // Before "timed out": these say that no connection came about at all.
    sign: /dial tcp.*(i\/o timeout|no route to host|network is unreachable|timed out)|after \d+ failed attempts/,
    what: ({ called }) => `${called} does not answer`,
    remedy: ({ place, mayBeGone }) => {
      const gone = `If ${place} is gone for ever, set \`gone: true\` in its entry. Then`;
      return `see that it is up and can be reached from here${mayBeGone ? `. ${gone}` : "; then"}`;
    },
  },
  {
    sign: /EOF|connection reset|broken pipe|timed out|without exit status|use of closed network connection/,
    what: ({ called }) => `the connection to ${called} was lost; the step may still run there`,
    remedy: () =>
      "see that it is up; the next run waits for a step that still runs, and goes on from there:",
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
  const told = outsideOfHosts(error) ?? ofParty(host, error);
  if (told === undefined) return undefined;
  return `${host.name}: ${step}: ${told.what}\n  what to do: ${told.remedy} run \`pulumi up\` again`;
}

/** The plugin asks an SSH agent wherever there is one, also when it has a private key. */
function outsideOfHosts(error: string): { what: string; remedy: string } | undefined {
  if (!/dial unix/.test(error)) return undefined;
  return {
    what: "the SSH agent at $SSH_AUTH_SOCK does not answer",
    remedy:
      "see `ssh-add -l`; start the agent anew, or `unset SSH_AUTH_SOCK` where the stack has a private key; then",
  };
}

function ofParty(host: DialledHost, error: string): { what: string; remedy: string } | undefined {
  // What the bastion's SSH server says of the connection that it was to open.
  const [, refusal] = /rejected: (.*)/.exec(error) ?? [];
  if (host.bastion !== undefined && refusal !== undefined) {
    return beyondBastion(host, host.bastion, refusal);
  }
  const kind = kinds.find(({ sign }) => sign.test(error));
  if (kind === undefined) return undefined;
  const party = partyOf(host, error);
  return { what: kind.what(party), remedy: kind.remedy(party) };
}

/** This machine dials the bastion only: what fails without any SSH server's word is about that one. */
function partyOf({ name, login, bastion }: DialledHost, error: string): Party {
  const itself = `the host at ${at(login)}`;
  const own = { place: name, userKey: "ssh.user", login, bastion, mayBeGone: true };
  if (bastion === undefined) return { ...own, called: itself };
  const jump = `the jump host at ${at(bastion)}`;
  if (/dial tcp/.test(error)) {
    const place = "ssh.bastion";
    const userKey = `${place}.user`;
    return { called: jump, place, userKey, login: bastion, bastion: undefined, mayBeGone: false };
  }
  // Both have a login, and the words of a failed one do not say whose it was.
  const place = `${name} and of ssh.bastion`;
  return { ...own, called: `${itself}, or ${jump},`, place, mayBeGone: false };
}

function beyondBastion(
  { name, login }: DialledHost,
  bastion: SshLogin,
  refusal: string,
): { what: string; remedy: string } {
  if (refusal.includes("prohibited")) {
    return {
      what: `the jump host at ${at(bastion)} may not open a connection to ${at(login)}`,
      remedy: "allow it in its sshd_config (AllowTcpForwarding, PermitOpen), and",
    };
  }
  return {
    what: `the jump host at ${at(bastion)} gets no connection to ${at(login)}: ${refusal}`,
    remedy: `see that ${name} is up, its SSH server runs, and the jump host can reach it. If ${name} is gone for ever, set \`gone: true\` in its entry. Then`,
  };
}

function at({ host, port }: SshLogin): string {
  return `${host}:${port}`;
}
