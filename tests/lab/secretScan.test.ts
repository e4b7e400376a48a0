import { execFileSync } from "node:child_process";
import { createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { needlesOfBytes, partLength, shortest } from "../e2e/support/secrets/secretForms";
import { betrayed, betrayedBy, Secrets } from "../e2e/support/secrets/secretScan";

const signature = "4dabf18193072939515e22adb298388d";
const secret = (value: unknown): object => ({
  [signature]: "1b47061264138c4ac30d75fd1eb44270",
  plaintext: JSON.stringify(value),
});

const ec = (): string =>
  findable(() =>
    generateKeyPairSync("ec", { namedCurve: "P-256" })
      .privateKey.export({ type: "sec1", format: "pem" })
      .toString(),
  );
const rsa = (): string =>
  findable(() =>
    generateKeyPairSync("rsa", { modulusLength: 2048 })
      .privateKey.export({ type: "pkcs1", format: "pem" })
      .toString(),
  );

/**
 * A key whose number can be found as bytes, too. Some in a thousand cannot: bytes that end a line of grep's patterns, or
 * a text, cut them into pieces that are too short.
 */
function findable(make: () => string): string {
  for (;;) {
    const pem = make();
    const pieces = numberOf(pem)
      .subarray(0, partLength)
      .toString("latin1")
      .split(/[\n\0]/);
    if (pieces.some((piece) => piece.length >= shortest)) return pem;
  }
}

function numberOf(pem: string): Buffer {
  const { d = "" } = createPrivateKey(pem).export({ format: "jwk" });
  return Buffer.from(d, "base64url");
}

/** A new key as OpenSSH writes it. */
function openssh(type: string): string {
  const folder = mkdtempSync(path.join(tmpdir(), "kha-secret-scan-"));
  const file = path.join(folder, "key");
  execFileSync("ssh-keygen", ["-q", "-t", type, "-N", "", "-C", "a comment", "-f", file]);
  const text = readFileSync(file, "utf8");
  rmSync(folder, { recursive: true });
  return text;
}

const secretsOf = (pem: string): Secrets => new Secrets().addKeysIn(pem, "a key");
const base64 = (text: string | Buffer): string => Buffer.from(text).toString("base64");
const wrapped = (text: string, width: number): string =>
  (text.match(new RegExp(`.{1,${width}}`, "g")) ?? []).join("\n");

/** The forms in which a key may be lying about, by their names. */
function forms(pem: string): Record<string, string> {
  const key = createPrivateKey(pem);
  const pkcs8 = key.export({ type: "pkcs8", format: "pem" }).toString();
  const der = key.export({ type: "pkcs8", format: "der" });
  const number = numberOf(pem);
  const hex = number.toString("hex");
  return {
    "the PEM as it is": pem,
    "PKCS8 in PEM": pkcs8,
    "PEM whose line breaks are blanks, as in a command line": pem.replaceAll("\n", " "),
    "PEM in JSON": JSON.stringify({ key: pem }),
    "PEM in JSON in JSON": JSON.stringify(JSON.stringify(pem)),
    "PEM in CRLF": pem.replaceAll("\n", "\r\n"),
    "a PEM body in one line": base64(der),
    "a PEM body of 76 characters a line": wrapped(base64(der), 76),
    "a PEM body cut off in the middle of the number": pkcs8.slice(
      0,
      Math.floor(pkcs8.length * 0.6),
    ),
    "base64 of the PEM, as in a kubeconfig": base64(pem),
    "the same at another offset": base64(`.${pem}`),
    "the same at a third": base64(`..${pem}`),
    "base64 of the PEM, broken into lines": wrapped(base64(pem), 76),
    "base64 of a longer text with the PEM in it": base64(`CA_KEY='${pem}'\nADMIN_KEY=x`),
    "a JWK": JSON.stringify(key.export({ format: "jwk" })),
    "hexadecimal digits": hex,
    "upper-case hexadecimal digits": hex.toUpperCase(),
    "hexadecimal digits with colons, as openssl prints them": (hex.match(/.{1,30}/g) ?? [])
      .map((line) => `    ${(line.match(/../g) ?? []).join(":")}:`)
      .join("\n"),
    "the bytes themselves, as characters": number.toString("latin1"),
  };
}

describe.each([
  ["an ECDSA key", ec],
  ["an RSA key", rsa],
] as const)("%s", (_, make) => {
  const pem = make();
  const { all } = secretsOf(pem);

  test.each(Object.entries(forms(pem)))("is found in %s", (__, text) => {
    expect(betrayed(`before ${text} behind`, all)).toEqual(["a key"]);
  });

  test.each(Object.entries(forms(make())))("is not another one: %s", (__, text) => {
    expect(betrayed(text, all)).toEqual([]);
  });

  test("is not found in what is public", () => {
    const key = createPublicKey(pem);
    const spki = key.export({ type: "spki", format: "pem" }).toString();
    const der = key.export({ type: "spki", format: "der" });
    for (const text of [spki, base64(spki), base64(`.${spki}`), der.toString("hex")]) {
      expect(betrayed(text, all)).toEqual([]);
    }
  });

  test("is known in base64 of its PEM as well", () => {
    const known = new Secrets().addKeysIn(`client-key-data: ${base64(pem)}\n`, "of a kubeconfig");
    expect(betrayed(pem, known.all)).toEqual(["of a kubeconfig"]);
  });
});

test.each([
  ["in its middle", [16]],
  ["in both halves", [2, 24]],
])("a number with a line's end %s is found as bytes", (_, ends) => {
  const number = Buffer.from(Array.from({ length: 32 }, (__, i) => 100 + i));
  for (const end of ends) number[end] = 10;
  const secret = { name: "a key", needles: needlesOfBytes(number) };
  expect(secret.needles.filter((needle) => needle.includes("\n"))).toEqual([]);
  expect(betrayed(number.toString("latin1"), [secret])).toEqual(["a key"]);
});

describe("an SSH key as OpenSSH writes it", () => {
  test.each(["ed25519", "ecdsa", "rsa"])("%s is found, and only it", (type) => {
    const key = openssh(type);
    const { all } = secretsOf(key);
    for (const text of [key, JSON.stringify(key), base64(key), base64(`..${key}`)]) {
      expect(betrayed(text, all)).toEqual(["a key"]);
    }
    expect(betrayed(openssh(type), all)).toEqual([]);
  });

  test("that is encrypted is refused: it could not be told in another form", () => {
    const encrypted = openssh("ed25519").split("\n");
    const body = Buffer.from(encrypted.slice(1, -2).join(""), "base64");
    body.write("aes!", "openssh-key-v1\0".length + 4);
    const pem = [encrypted[0], base64(body), encrypted.at(-2)].join("\n");
    expect(() => secretsOf(pem)).toThrow("encrypted with aes!");
  });
});

describe("a password", () => {
  const password = "correct horse battery";
  const { all } = new Secrets().addText(password, "a password");

  test("is found as it is, in base64 at any offset, and in hexadecimal digits", () => {
    const hex = Buffer.from(password).toString("hex");
    const encoded = ["", ".", ".."].map((before) => base64(`${before}${password} and more`));
    for (const text of [`--password=${password}`, hex, ...encoded]) {
      expect(betrayed(text, all)).toEqual(["a password"]);
    }
    expect(betrayed("correct horse battlement", all)).toEqual([]);
  });

  test("that is too short to be told from other words is refused", () => {
    expect(() => new Secrets().addText("secret", "a password")).toThrow("6 characters");
  });
});

describe("the secrets of a stack's export", () => {
  const [ca, ssh, password] = [ec(), openssh("ed25519"), "aPasswordThatWasMade"];
  const urn = (type: string, name: string): string => `urn:pulumi:s::p::a$${type}::${name}`;
  const command = { type: "command:remote:Command", urn: urn("command", "cp1-trust") };
  const exported = JSON.stringify({
    version: 3,
    deployment: {
      resources: [
        {
          ...command,
          inputs: {
            connection: secret({ host: "h", privateKey: ssh }),
            stdin: secret(`CA_KEY='${ca}'`),
            create: "a line that is not secret",
          },
        },
        {
          type: "tls:index/privateKey:PrivateKey",
          urn: urn("tls", "s-ca"),
          outputs: { privateKeyPem: secret(ca) },
        },
        {
          type: "random:index/randomPassword:RandomPassword",
          urn: urn("random", "s-password"),
          outputs: { result: secret(password) },
        },
      ],
    },
  });
  const secrets = new Secrets().addExport(exported);

  test("are its keys and passwords, under the name of the resource that made them", () => {
    expect(secrets.names).toEqual(["s-ca", "cp1-trust connection.privateKey", "s-password"]);
    expect(betrayed(exported, secrets.all)).toEqual(secrets.names);
  });

  test("are told by the text that betrays them; the others are left out", () => {
    const texts = new Map([
      ["harmless", "nothing"],
      ["console", `error: ${ca}`],
      ["state", `${base64(ssh)} ${password}`],
    ]);
    expect(betrayedBy(texts, secrets.all)).toEqual({
      console: ["s-ca"],
      state: ["cp1-trust connection.privateKey", "s-password"],
    });
  });

  test("cannot be had from an export that does not show them", () => {
    const closed = exported.replaceAll('"plaintext"', '"ciphertext"');
    expect(() => new Secrets().addExport(closed)).toThrow("does not show its secrets");
  });
});
