import { gzip } from "pako";

/**
 * Shell text that runs other shell text which it carries packed: by gzip, and written as Z85, a sixteenth shorter than as
 * base64. pako packs the same on every machine and Node.js version (node:zlib does not), so a colleague's laptop never shows
 * a change where there is none. coreutils' `basenc` reads Z85 since 8.31 (2019), so that every supported system has it.
 *
 * @param otherwise what to run where it cannot be unpacked. The default ends as preflights do that find something; 1 would
 * look as if sudo had refused.
 */
export function packed(text: string, otherwise = "exit 3"): string {
  const lines = z85(Buffer.from(gzip(text, { level: 9 }))).match(/.{1,1000}/g) ?? [];
  return `program=$(basenc --z85 -d <<'PROGRAM' | gunzip\n${lines.join("\n")}\nPROGRAM\n) || ${otherwise}\neval "$program"\nexit\n`;
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
