import { createHmac } from "node:crypto";

import { findHostKey } from "../../config/knownHosts";

const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA";
const other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB";

/** A host name as `ssh-keygen -H` writes it. */
function hashed(name: string): string {
  const salt = Buffer.from("twenty bytes of salt");
  const hash = createHmac("sha1", salt).update(name).digest("base64");
  return `|1|${salt.toString("base64")}|${hash}`;
}

it.each([
  ["a plain line", `cp1 ${key}`, "cp1", 22],
  ["a line with a comment", `cp1 ${key} root@cp1`, "cp1", 22],
  ["one of several names", `other,192.168.1.21,cp1 ${key}`, "192.168.1.21", 22],
  ["a port of its own", `[127.0.0.1]:2211 ${key}`, "127.0.0.1", 2211],
  ["a hashed name", `${hashed("192.168.1.21")} ${key}`, "192.168.1.21", 22],
  ["a hashed name with a port", `${hashed("[127.0.0.1]:2211")} ${key}`, "127.0.0.1", 2211],
  ["a wildcard", `*.example.com ${key}`, "cp1.example.com", 22],
  ["a wildcard for one character", `192.168.1.2? ${key}`, "192.168.1.21", 22],
  ["a wildcard with a port", `[*.example.com]:2211 ${key}`, "cp1.example.com", 2211],
  ["another letter case", `CP1.Example.com ${key}`, "cp1.example.com", 22],
  ["tabs and blanks", `  cp1\t${key.replace(" ", "\t")}  `, "cp1", 22],
  ["Windows' line ends", `cp1 ${key}\r\ncp2 ${other}\r\n`, "cp1", 22],
  [
    "keys of other kinds before it",
    `cp1 ssh-rsa AAAA\ncp1 ecdsa-sha2-nistp256 AAAA\ncp1 ${key}`,
    "cp1",
    22,
  ],
  ["the first of two", `cp1 ${key}\ncp1 ${other}`, "cp1", 22],
  ["a negation of another host", `!cp2,cp* ${key}`, "cp1", 22],
])("finds %s", (_, text, host, port) => {
  expect(findHostKey(text, host, port)).toBe(key);
});

it.each([
  ["an empty file", "", "cp1", 22],
  ["another host", `cp2 ${key}`, "cp1", 22],
  ["a name that only begins so", `cp10 ${key}`, "cp1", 22],
  ["a dot that is no wildcard", `cp1xexample ${key}`, "cp1.example", 22],
  ["another port", `cp1 ${key}`, "cp1", 2222],
  ["the standard port where another is written", `[cp1]:2222 ${key}`, "cp1", 22],
  ["an RSA key alone", "cp1 ssh-rsa AAAA", "cp1", 22],
  ["a negation", `cp*,!cp1 ${key}`, "cp1", 22],
  ["a negation by wildcard", `!cp?,* ${key}`, "cp1", 22],
  ["a comment", `# cp1 ${key}`, "cp1", 22],
  ["a certificate authority", `@cert-authority cp1 ${key}`, "cp1", 22],
  ["a revoked key", `@revoked cp1 ${key}`, "cp1", 22],
  ["a key that is revoked later", `cp1 ${key}\n@revoked * ${key}`, "cp1", 22],
  ["a line that breaks off", "cp1 ssh-ed25519", "cp1", 22],
  ["a damaged hash", `|1|salt ${key}`, "cp1", 22],
])("does not take %s", (_, text, host, port) => {
  expect(findHostKey(text, host, port)).toBeUndefined();
});

it("passes over a revoked key and takes the one that replaced it", () => {
  expect(findHostKey(`cp1 ${other}\n@revoked cp1 ${other}\ncp1 ${key}`, "cp1", 22)).toBe(key);
});
