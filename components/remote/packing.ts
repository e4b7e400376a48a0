import { gzip } from "pako";

/** How packed bytes are written as text. */
export type Encoding = "base64" | "z85";

/** As coreutils' own programs read them; `basenc` came with coreutils 8.31 (2019). */
const decoders: Readonly<Record<Encoding, string>> = {
  base64: "base64 -d",
  z85: "basenc --z85 -d",
};

/**
 * Shell text that runs other shell text which it carries packed: by gzip, and written as base64 or, a sixteenth shorter, as
 * Z85. pako packs the same on every machine and Node.js version (node:zlib does not), so a colleague's laptop never shows a
 * change where there is none.
 */
export function packed(text: string, encoding: Encoding): string {
  const bytes = Buffer.from(gzip(text, { level: 9 }));
  const written = encoding === "z85" ? z85(bytes) : bytes.toString("base64");
  const lines = written.match(/.{1,1000}/g) ?? [];
  // 1 would look as if sudo had refused.
  return `program=$(${decoders[encoding]} <<'PROGRAM' | gunzip\n${lines.join("\n")}\nPROGRAM\n) || exit 3\neval "$program"\nexit\n`;
}

/** ZeroMQ's RFC 32. None of its characters is one that JSON would have to escape. */
const alphabet =
  "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

/** Four bytes as five digits; zeros fill up the last ones, which gunzip takes for the padding of a tape. */
function z85(bytes: Buffer): string {
  const whole = Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);
  let text = "";
  for (let i = 0; i < whole.length; i += 4) {
    const value = whole.readUInt32BE(i);
    for (let power = 85 ** 4; power >= 1; power /= 85) {
      text += alphabet[Math.floor(value / power) % 85] ?? "";
    }
  }
  return text;
}
