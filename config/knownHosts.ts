import { createHmac } from "node:crypto";

/**
 * Finds a host's ed25519 key in the text of an OpenSSH known_hosts file.
 *
 * Plain, comma-separated, wildcard, `[host]:port` and hashed (`|1|salt|hash`) patterns are understood as sshd(8)
 * describes them; a key that an `@revoked` line names is never taken, and `@cert-authority` lines are passed over. Only
 * ed25519 keys count: an RSA key would pin the SHA-1 algorithm that today's servers no longer offer.
 *
 * @returns one line such as `ssh-ed25519 AAAA…`, or `undefined` when the file has no such key for the host.
 */
export function findHostKey(knownHosts: string, host: string, port: number): string | undefined {
  const name = port === 22 ? host : `[${host}]:${port}`;
  const keys: string[] = [];
  const revoked = new Set<string>();
  for (const line of knownHosts.split("\n")) {
    const words = line.trim().split(/\s+/);
    const marker = words[0]?.startsWith("@") ? words.shift() : undefined;
    const [patterns = "", type, key] = words;
    if (type !== "ssh-ed25519" || key === undefined || patterns.startsWith("#")) continue;
    if (!matches(patterns, name)) continue;
    if (marker === "@revoked") revoked.add(key);
    else if (marker === undefined) keys.push(key);
  }
  const found = keys.find((key) => !revoked.has(key));
  return found && `ssh-ed25519 ${found}`;
}

function matches(patterns: string, name: string): boolean {
  if (patterns.startsWith("|1|")) {
    const [, , salt = "", hash = ""] = patterns.split("|");
    return createHmac("sha1", Buffer.from(salt, "base64")).update(name).digest("base64") === hash;
  }
  const all = patterns.split(",");
  const isNegated = all.some((p) => p.startsWith("!") && glob(p.slice(1), name));
  return !isNegated && all.some((p) => glob(p, name));
}

function glob(pattern: string, name: string): boolean {
  const expression = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replace(/\*/g, ".*")
    .replace(/\?/g, ".");
  return new RegExp(`^${expression}$`, "i").test(name);
}
