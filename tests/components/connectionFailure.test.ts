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
    /ssh-keyscan -p 22 -t ed25519 192\.168\.1\.21/,
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
    /nothing accepts SSH connections at 192\.168\.1\.21:22/,
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
    /cannot resolve/,
    /set address or ssh\.host of w1 right/,
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
    /see that the host is up/,
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

test("a step that has failed tells its own reason, whatever it has printed", () => {
  expect(
    tell('Process exited with status 1: running "sudo -n …":\nw1: join: EOF, connection refused'),
  ).toBeUndefined();
});

test("what is no failure of a connection is left to the plugin", () => {
  expect(tell("ssh: no key found")).toBeUndefined();
});
