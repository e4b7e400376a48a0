import { execFileSync } from "node:child_process";
import { homedir } from "node:os";

import fc from "fast-check";

import { hostKeyProblems } from "../../config/logins";
import { hostsWithPaths } from "../../config/problem";
import { shellPath } from "../../config/shellPath";
import type { SpecInput } from "../../config/spec";
import { validate } from "../../config/validate";
import { stackFile } from "../support/stackFile";

/** The commands for the hosts whose keys are missed, by path: w1's and the jump host's. */
function commands(ssh: Partial<SpecInput["ssh"]>): Record<string, string | undefined> {
  const workers = [{ name: "w1", address: "192.168.1.101", ssh: { port: 2222 } }];
  const validation = validate(stackFile({}, { ssh: { user: "admin", ...ssh }, workers }));
  if (!validation.ok) throw new Error("the stack file should be right");
  const { spec } = validation;
  const problems = hostKeyProblems({ ...spec, hosts: hostsWithPaths(spec) });
  return Object.fromEntries(
    problems.map(({ path, message }) => [path, /`(.*)`/.exec(message)?.[1]]),
  );
}

describe("the command that gets a missing host key", () => {
  it("is run on this machine where that reaches the host", () => {
    expect(commands({ knownHosts: "no/such" })).toEqual({
      "workers[0]": "ssh-keyscan -t ed25519 -p 2222 192.168.1.101 >> no/such",
    });
  });

  it.each([
    ["as the stack's user", {}, "ssh -p 22 admin@jump.example.com"],
    ["as its own user", { port: 2022, user: "jumper" }, "ssh -p 2022 jumper@jump.example.com"],
  ])("is run on the jump host for what stands behind it: %s", (_, more, login) => {
    const bastion = { host: "jump.example.com", ...more };
    const { port = 22 } = more as { port?: number };
    expect(commands({ knownHosts: "no/such", bastion })).toEqual({
      "ssh.bastion": `ssh-keyscan -t ed25519 -p ${port} jump.example.com >> no/such`,
      "workers[0]": `${login} ssh-keyscan -t ed25519 -p 2222 192.168.1.101 >> no/such`,
    });
  });

  it("has the file's name as a shell takes it", () => {
    expect(commands({ knownHosts: "~/my keys/$HOME" })["workers[0]"]).toMatch(
      / >> ~\/'my keys\/\$HOME'$/,
    );
  });
});

describe("a path in a command", () => {
  it.each([
    ["~/.ssh/id_ed25519", "~/.ssh/id_ed25519"],
    ["/a/b-c_d.e~1", "/a/b-c_d.e~1"],
    ["a b", "'a b'"],
    ["~/it's", "~/'it'\\''s'"],
    ["~root/x", "'~root/x'"],
    ["~", "'~'"],
  ])("%s is %s", (path, word) => {
    expect(shellPath(path)).toBe(word);
  });

  it("is one word to a shell, and the very file", () => {
    const character = fc.constantFrom(..."ab/~ '\"\\$`*?;&|<>()!#=-".split(""));
    const path = fc.string({ unit: character, minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(path, (text) => {
        const script = `printf '%s\\n' ${shellPath(text)}`;
        const printed = execFileSync("sh", ["-c", script], { encoding: "utf8" });
        expect(printed).toBe(`${text.replace(/^~(?=\/)/, homedir())}\n`);
      }),
      { numRuns: 60 },
    );
  });
});
