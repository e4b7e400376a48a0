import { createPrivateKey } from "node:crypto";

/** A secret, and what betrays it in a text. */
export interface Secret {
  /** Where it was found, as a person would call it. Never the secret itself. */
  readonly name: string;
  /** Pieces of the forms that it can take. A text with one of them in it holds the secret, or a good part of it. */
  readonly needles: readonly string[];
}

/** How much of a key's secret number is looked for, in bytes: less would come about by chance, more is slow. */
export const partLength = 32;

/** How long a needle is at least, in characters: a shorter text is likely to stand somewhere by chance. */
export const shortest = 12;

/**
 * The secret numbers of a private key, each cut to what is looked for: of ECDSA and Ed25519 the key itself, of RSA the
 * exponent and the primes. What its public half, and so every certificate, shows as well is not among them.
 *
 * @param kind what stands between BEGIN and END, such as "EC PRIVATE KEY".
 * @throws Error for a key that is itself encrypted.
 */
export function secretParts(kind: string, body: Buffer): readonly Buffer[] {
  if (kind === "OPENSSH PRIVATE KEY") return opensshParts(body).map(cut);
  const types = { "EC PRIVATE KEY": "sec1", "RSA PRIVATE KEY": "pkcs1", "PRIVATE KEY": "pkcs8" };
  const type = (types as Record<string, "sec1" | "pkcs1" | "pkcs8" | undefined>)[kind];
  if (type === undefined) throw new Error(`nobody has said how to look for an ${kind}`);
  const { d, p, q } = createPrivateKey({ key: body, format: "der", type }).export({
    format: "jwk",
  });
  return [d, p, q].flatMap((part) => (part === undefined ? [] : [cut(base64url(part))]));
}

const base64url = (text: string): Buffer => Buffer.from(text, "base64url");
const cut = (bytes: Buffer): Buffer => bytes.subarray(0, partLength);

/** The fields of OpenSSH's own format (PROTOCOL.key) that are secret. */
function opensshParts(body: Buffer): readonly Buffer[] {
  const outer = new Fields(body.subarray("openssh-key-v1\0".length));
  const cipher = outer.next().toString();
  if (cipher !== "none") throw new Error(`an OpenSSH key that is encrypted with ${cipher}`);
  outer.skip(2);
  outer.number();
  outer.skip(1);
  const inner = new Fields(outer.next());
  // Two equal numbers, by which OpenSSH knows a right passphrase.
  inner.number();
  inner.number();
  const type = inner.next().toString();
  if (type === "ssh-ed25519") {
    inner.skip(1);
    return [inner.next()];
  }
  if (type.startsWith("ecdsa-")) {
    inner.skip(2);
    return [positive(inner.next())];
  }
  if (type !== "ssh-rsa") throw new Error(`nobody has said how to look for a key of type ${type}`);
  inner.skip(2);
  const exponent = inner.next();
  inner.skip(1);
  return [exponent, inner.next(), inner.next()].map(positive);
}

/** A number without the zero in front that keeps it from being negative. */
function positive(number: Buffer): Buffer {
  return number[0] === 0 ? number.subarray(1) : number;
}

/** Reads fields that begin with their length, one after the other. */
class Fields {
  private at = 0;

  constructor(private readonly bytes: Buffer) {}

  number(): number {
    const value = this.bytes.readUInt32BE(this.at);
    this.at += 4;
    return value;
  }

  next(): Buffer {
    const length = this.number();
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  skip(count: number): void {
    for (let i = 0; i < count; i++) this.next();
  }
}

/**
 * What betrays a secret number: base64 as in PEM and DER, base64 of such text as in kubeconfigs and in Secrets, URL-safe
 * base64 as in JWK, hexadecimal digits with and without colons, the bytes as they are (one character each).
 */
export function needlesOfBytes(bytes: Buffer): readonly string[] {
  // A line break in the middle of a text spares one of its halves.
  const base64 = everyBase64(bytes).flatMap((text) => parts(text, 2));
  const urlSafe = base64.map((text) => text.replaceAll("+", "-").replaceAll("/", "_"));
  const twice = base64.flatMap((text) => everyBase64(Buffer.from(text)));
  const characters = bytes.toString("latin1");
  // openssl prints fifteen bytes a line.
  const hex = parts(characters, 3).map((part) => Buffer.from(part, "latin1").toString("hex"));
  const colons = hex.map((text) => (text.match(/../g) ?? []).join(":"));
  // grep's patterns end with a line. One such byte leaves a half at least; what several leave may be too short.
  const raw = characters.split(/[\n\0]/).filter((piece) => piece.length >= shortest);
  const upper = (texts: readonly string[]): string[] => texts.map((text) => text.toUpperCase());
  return unique([
    ...[...base64, ...urlSafe, ...twice],
    ...[...hex, ...upper(hex), ...colons, ...upper(colons), ...raw],
  ]);
}

/** What betrays a text such as a password: itself, its base64 wherever it stands in a longer text, its hexadecimal digits. */
export function needlesOfText(text: string): readonly string[] {
  if (text.length < shortest) {
    throw new Error(`a secret of ${text.length} characters cannot be told from what is not secret`);
  }
  const bytes = Buffer.from(text);
  return unique([text, ...everyBase64(bytes), bytes.toString("hex")]);
}

/**
 * A text's base64 depends on where in a longer one it stands: the three ways, without the characters at both ends that
 * its neighbours have a part in.
 */
function everyBase64(bytes: Buffer): readonly string[] {
  return [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
    return text.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
  });
}

/** A text in so many parts of the same length; what does not go in is left out. */
function parts(text: string, count: number): readonly string[] {
  const length = Math.floor(text.length / count);
  return Array.from({ length: count }, (_, i) => text.slice(i * length, (i + 1) * length));
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}
