import { execFileSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { outsideProblems } from "../../config/outside";
import { sshKeyFault } from "../../config/sshKey";
import { validate } from "../../config/validate";
import { stackFile } from "../support/stackFile";

const folder = mkdtempSync(join(tmpdir(), "kubeadm-ha my key-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A key in OpenSSH's format as far as the cipher's name; the rest is left out. */
function openssh(cipher: string): string {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(cipher.length);
  const blob = Buffer.concat([
    Buffer.from("openssh-key-v1\0"),
    length,
    Buffer.from(`${cipher}${"\0".repeat(80)}`),
  ]);
  const lines = blob.toString("base64").replace(/(.{70})/g, "$1\n");
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines}\n-----END OPENSSH PRIVATE KEY-----\n`;
}

const pem = (passphrase?: string): string =>
  generateKeyPairSync("ed25519", {
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: {
      type: "pkcs8",
      format: "pem",
      ...(passphrase !== undefined && { cipher: "aes-256-cbc", passphrase }),
    },
  }).privateKey;

const header = (kind: string): string => `-----BEGIN ${kind}PRIVATE KEY-----`;
const legacy = `${header("RSA ")}\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAAA\n`;

describe("an SSH key's file", () => {
  it.each([
    ["OpenSSH's format", openssh("none")],
    ["PKCS #8", pem()],
    ["PEM of old", `${header("RSA ")}\nAAAA\n-----END RSA PRIVATE KEY-----\n`],
    ["a body that cannot be read", `${header("OPENSSH ")}\nof the login user\n`],
    ["a body that breaks off", `${header("OPENSSH ")}\n${btoa("openssh-key-v1\0\0\0\0\x09aes")}\n`],
    ["Windows' line ends", openssh("none").replaceAll("\n", "\r\n")],
    ["a text before it", `Bag Attributes\n${pem()}`],
  ])("is taken: %s", (_, text) => {
    expect(sshKeyFault(text)).toBeUndefined();
  });

  it.each([
    ["nothing", ""],
    ["the public half", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA admin@desk\n"],
    ["a public key in PEM", "-----BEGIN PUBLIC KEY-----\nAAAA\n"],
    ["a certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n"],
  ])("is none: %s", (_, text) => {
    expect(sshKeyFault(text)).toBe("no key");
  });

  it.each([
    ["OpenSSH's format", openssh("aes256-ctr")],
    ["with Windows' line ends", openssh("aes256-ctr").replaceAll("\n", "\r\n")],
    ["PKCS #8", pem("a passphrase")],
    ["PEM of old", legacy],
  ])("is encrypted: %s", (_, text) => {
    expect(sshKeyFault(text)).toBe("encrypted");
  });

  it.each([
    ["", undefined],
    ["a passphrase", "encrypted"],
  ])("is read as ssh-keygen writes it, with the passphrase '%s'", (passphrase, fault) => {
    const file = join(folder, `key${passphrase.length}`);
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", passphrase, "-f", file]);
    expect(sshKeyFault(readFileSync(file, "utf8"))).toBe(fault);
    expect(sshKeyFault(readFileSync(`${file}.pub`, "utf8"))).toBe("no key");
  });
});

describe("what is told of it", () => {
  const file = join(folder, "id_ed25519");
  const problemsOf = (text: string | undefined): string[] => {
    if (text !== undefined) writeFileSync(file, text);
    const ssh = { user: "admin", privateKeyFile: text === undefined ? `${folder}/none` : file };
    const validation = validate(stackFile({}, { ssh }));
    if (!validation.ok) throw new Error("the stack file should be right");
    return outsideProblems({ ssh: validation.spec.ssh }, false).map(
      ({ path, message }) => `${path}: ${message}`,
    );
  };

  it("is nothing where it is right", () => {
    expect(problemsOf(openssh("none"))).toEqual([]);
  });

  it("is what it must be where it is none", () => {
    expect(problemsOf("")).toEqual([
      `ssh.privateKeyFile: ${file} is no private key: that begins with -----BEGIN … PRIVATE KEY-----, and a file that ends in .pub is the public half`,
    ]);
  });

  it("is the way of the agent where it is encrypted", () => {
    expect(problemsOf(legacy)).toEqual([
      `ssh.privateKeyFile: ${file} is encrypted with a passphrase, which nobody can type in here; \`ssh-add '${file}'\`, and set ssh.agent: true in its place`,
    ]);
  });

  it("is the command that makes one, as a shell takes it", () => {
    expect(problemsOf(undefined)).toEqual([
      expect.stringContaining(`\`ssh-keygen -t ed25519 -f '${folder}/none'\` makes a key`),
    ]);
  });
});
