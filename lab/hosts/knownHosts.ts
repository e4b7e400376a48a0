import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";

/** A host key as a client meets it: where it dials, and the key, such as "ssh-ed25519 AAAA…". */
export interface KnownHost {
  readonly port: number;
  readonly key: string;
}

/** How known_hosts names a port of the loopback. */
function marker(port: number): string {
  return port === 22 ? "127.0.0.1" : `[127.0.0.1]:${port}`;
}

/**
 * The text of a known_hosts file after the given keys have been learnt.
 *
 * @param text the file before; lines about other ports stay as they are.
 * @param learnt the keys that hold from now on; what the file said about their ports is dropped.
 */
export function learn(text: string, learnt: readonly KnownHost[]): string {
  const markers = new Set(learnt.map(({ port }) => marker(port)));
  const kept = text
    .split("\n")
    .filter((line) => line.trim() !== "" && !markers.has(line.split(/\s/, 1)[0] ?? ""));
  const added = learnt.map(({ port, key }) => `${marker(port)} ${key}`);
  return [...kept, ...added].map((line) => `${line}\n`).join("");
}

/**
 * Writes a known_hosts file anew, in one move: whoever reads it meanwhile sees the old or the new one.
 *
 * @param only drops what the file says about other ports: for when the keys of all hosts are at hand.
 */
export function updateKnownHosts(
  file: string,
  learnt: readonly KnownHost[],
  options: { readonly only: boolean },
): void {
  const before = options.only ? "" : readIfThere(file);
  mkdirSync(path.dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, learn(before, learnt), { mode: 0o644 });
  renameSync(temporary, file);
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
