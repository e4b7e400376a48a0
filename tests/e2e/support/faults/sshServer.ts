import { readStack, hostNamed } from "../../../../lab/stack";
import { eventually } from "../eventually";
import { greeting, holdUnauthenticated, type Held } from "./loopback";
import type { Suite } from "../suite/suite";

const dropIn = "/etc/ssh/sshd_config.d/kha-e2e.conf";

/** The port of the loopback where a host's SSH is published. */
export function sshPortOf({ lab }: Suite, host: string): number {
  return hostNamed(readStack(lab), host, lab).port;
}

/**
 * Ends the SSH session that the step under way on a host came by, as a network would that drops the connection: the client sees
 * its end, the step is told nothing.
 */
export async function cutSessionOfStep(suite: Suite, host: string): Promise<void> {
  // The lock names the step's shell; above it are timeout, sudo and the login shell.
  await suite.outputOf(
    host,
    `pid=$(cat /run/kubeadm-ha/lock)
    until [[ $(ps -o comm= -p "$pid") == sshd ]]; do
      pid=$(ps -o ppid= -p "$pid" | tr -d ' ')
      [[ -n $pid && $pid != 1 ]] || exit 1
    done
    kill -KILL "$pid"`,
  );
}

/**
 * Lets a host's SSH server have one client at a time that has not logged in yet (MaxStartups), and tell of each that it
 * turns away.
 */
export async function limitStartups(suite: Suite, host: string): Promise<void> {
  await suite.outputOf(host, `cat > ${dropIn}`, "MaxStartups 1:100:1\nLogLevel VERBOSE\n");
  await suite.outputOf(host, "systemctl reload ssh");
}

/** As before {@link limitStartups}. */
export async function unlimitStartups(suite: Suite, host: string): Promise<void> {
  await suite.outputOf(host, `rm -f ${dropIn} && systemctl reload ssh`);
}

/** Takes a limited host's one place, so that everybody else is turned away until it is given back. */
export async function takeOnlyStartup(suite: Suite, host: string): Promise<Held> {
  const port = sshPortOf(suite, host);
  return eventually(30, async () => {
    const held = await holdUnauthenticated(port);
    // Where another gets a place beside it, the server still runs with its old settings.
    const next = await greeting(port);
    if (!next.startsWith("SSH-2.0-")) return held;
    await held.close();
    throw new Error(`${host}: the SSH server still lets a second client in: ${next}`);
  });
}

/** How many connections a limited host has turned away. @param since milliseconds since 1970. */
export async function turnedAway(suite: Suite, host: string, since: number): Promise<number> {
  const from = `@${(since / 1000).toFixed(3)}`;
  const count = `journalctl -t sshd --since ${from} --no-pager | grep -c 'past MaxStartups' || true`;
  return Number(await suite.outputOf(host, count));
}
