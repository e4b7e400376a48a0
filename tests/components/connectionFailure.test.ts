import { describe, expect, test } from "@jest/globals";

import { connectionFailure } from "../../components/remote/connectionFailure";

const login = { host: "192.168.1.21", port: 22, user: "admin", hostKey: "ssh-ed25519 AAAA" };
const tell = (error: string): string | undefined =>
  connectionFailure({ name: "w1", login }, "prepare-node", error);

/** As Go's SSH client and the command plugin around it put it. */
const told: readonly (readonly [what: string, error: string, says: RegExp, remedy: RegExp])[] = [
  [
    "another host key",
    "after 11 failed attempts: ssh: handshake failed: ssh: host key mismatch",
    /another SSH host key than the one that is known/,
    /`ssh-keyscan -t ed25519 -p 22 192\.168\.1\.21`/,
  ],
  [
    "a refused login",
    "after 11 failed attempts: ssh: handshake failed: ssh: unable to authenticate, attempted methods [none publickey], no supported methods remain",
    /does not let the login user in/,
    /~admin\/\.ssh\/authorized_keys/,
  ],
  [
    "no SSH server",
    "after 11 failed attempts: dial tcp 192.168.1.21:22: connect: connection refused",
    /nothing accepts SSH connections: the host at 192\.168\.1\.21:22/,
    /address and port of w1/,
  ],
  [
    "a silent host",
    "after 11 failed attempts: dial tcp 192.168.1.21:22: i/o timeout",
    /does not answer/,
    /gone: true/,
  ],
  [
    "no route",
    "after 11 failed attempts: dial tcp 192.168.1.21:22: connect: no route to host",
    /does not answer/,
    /can be reached from here/,
  ],
  [
    "an SSH server with too many logins",
    "after 11 failed attempts: ssh: handshake failed: read tcp 10.0.0.1:5000->192.168.1.21:22: read: connection reset by peer",
    /ends connections before a login/,
    /MaxStartups/,
  ],
  [
    "an unknown name",
    "after 11 failed attempts: dial tcp: lookup w1.example.com: no such host",
    /cannot be resolved/,
    /set the address \(or ssh\.host\) of w1 right/,
  ],
  [
    "a connection cut off in the middle",
    "wait: remote command exited without exit status or exit signal",
    /was lost; the step may still run there/,
    /goes on from there/,
  ],
  [
    "a host that died in the middle",
    "read tcp 10.0.0.1:5000->192.168.1.21:22: read: connection timed out",
    /was lost/,
    /see that it is up/,
  ],
];

describe("a connection that fails is told with host, step and remedy:", () => {
  test.each(told)("%s", (_, error, says, remedy) => {
    const [first = "", second = "", ...more] = tell(error)?.split("\n") ?? [];
    expect(first).toMatch(/^w1: prepare-node: /);
    expect(first).toMatch(says);
    expect(second).toMatch(/^ {2}what to do: .*`pulumi up` again/);
    expect(second).toMatch(remedy);
    expect(more).toEqual([]);
  });
});

const jump = { host: "jump.example.com", port: 2022, user: "jumper", hostKey: "ssh-ed25519 BBBB" };
const through = (error: string): string | undefined =>
  connectionFailure({ name: "w1", login, bastion: jump }, "prepare-node", error);
const other = /jump\.example\.com:2022/;
const own = /192\.168\.1\.21:22/;

/** What stands in the message of a connection through a jump host, and what does not. */
const beyond: readonly (readonly [
  what: string,
  error: string,
  says: readonly RegExp[],
  not: readonly RegExp[],
])[] = [
  [
    "the jump host is down: no host behind it is blamed, or told to be gone",
    "proxy: after 10 failed attempts: dial tcp 10.0.0.9:2022: i/o timeout",
    [/the jump host at jump\.example\.com:2022 does not answer/],
    [own, /gone/],
  ],
  [
    "the jump host refuses",
    "proxy: after 10 failed attempts: dial tcp 10.0.0.9:2022: connect: connection refused",
    [other, /address and port of ssh\.bastion are right/],
    [own, /gone/],
  ],
  [
    "the jump host has no such name",
    "proxy: after 10 failed attempts: dial tcp: lookup jump.example.com: no such host",
    [other, /of ssh\.bastion right/],
    [own],
  ],
  [
    "the host behind it refuses",
    "proxy: after 10 failed attempts: ssh: rejected: connect failed (Connection refused)",
    [/jump.* gets no connection to 192.*: connect failed \(Connection refused\)/, /gone: true/],
    [/address and port of ssh\.bastion/],
  ],
  [
    "it may not open connections",
    "proxy: after 10 failed attempts: ssh: rejected: administratively prohibited (open failed)",
    [/may not open a connection to 192/, /AllowTcpForwarding/],
    [/gone/],
  ],
  [
    "either has another host key",
    "proxy: after 10 failed attempts: ssh: handshake failed: ssh: host key mismatch",
    [own, other, /another SSH host key/, /`ssh -p 2022 jumper@jump.* ssh-keyscan .* 192.*`/],
    [],
  ],
  [
    "either refuses the login",
    "proxy: after 10 failed attempts: ssh: handshake failed: ssh: unable to authenticate, attempted methods [none publickey], no supported methods remain",
    [own, other, /does not let the login user in/],
    [],
  ],
  [
    "either was lost in the middle",
    "wait: remote command exited without exit status or exit signal",
    [own, other, /was lost; the step may still run there/],
    [],
  ],
];

describe("behind a jump host one is told which of the two has failed:", () => {
  test.each(beyond)("%s", (_, error, says, not) => {
    const text = through(error) ?? "";
    expect(text).toMatch(/^w1: prepare-node: .*\n {2}what to do: .*`pulumi up` again$/);
    for (const pattern of says) expect(text).toMatch(pattern);
    for (const pattern of not) expect(text).not.toMatch(pattern);
  });
});

test("a dead SSH agent is not taken for the host", () => {
  const text = tell("dial unix /tmp/agent.1: connect: connection refused") ?? "";
  expect(text).toMatch(
    /the SSH agent at \$SSH_AUTH_SOCK does not answer\n.*ssh-add -l.*unset SSH_AUTH_SOCK/,
  );
  expect(text).not.toMatch(own);
});

test("a step that has failed tells its own reason, whatever it has printed", () => {
  expect(
    tell('Process exited with status 1: running "sudo -n …":\nw1: join: EOF, connection refused'),
  ).toBeUndefined();
});

test("what is no failure of a connection is left to the plugin", () => {
  expect(tell("ssh: no key found")).toBeUndefined();
});
