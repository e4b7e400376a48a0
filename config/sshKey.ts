/** What begins the body of a private key in OpenSSH's own format (PROTOCOL.key): after it comes the cipher's name. */
const magic = "openssh-key-v1\0";

/** What is wrong with the text of an SSH private key's file, if that can be told without the key: nothing of it is printed. */
export type KeyFault = "no key" | "encrypted";

/**
 * Tells a private key that can be used from a file that is none, and from one that wants a passphrase, for which nobody is
 * there to type it. A body that cannot be read is left to the SSH client.
 */
export function sshKeyFault(text: string): KeyFault | undefined {
  const [, kind, body = ""] =
    /^-----BEGIN ([A-Z0-9 ]*)PRIVATE KEY-----[ \t\r]*\n?([^]*)/m.exec(text) ?? [];
  if (kind === undefined) return "no key";
  const isEncrypted =
    kind === "ENCRYPTED " ||
    /^Proc-Type: *4, *ENCRYPTED/m.test(body) ||
    (kind === "OPENSSH " && !["none", undefined].includes(cipherOf(body)));
  return isEncrypted ? "encrypted" : undefined;
}

/** The name of the cipher of a key in OpenSSH's format; undefined where the text is none. */
function cipherOf(body: string): string | undefined {
  const [base64 = ""] = body.split("-----END");
  const blob = Buffer.from(base64, "base64");
  if (blob.subarray(0, magic.length).toString("latin1") !== magic) return undefined;
  const start = magic.length + 4;
  if (blob.length < start) return undefined;
  const end = start + blob.readUInt32BE(magic.length);
  return end > blob.length ? undefined : blob.subarray(start, end).toString("latin1");
}
