import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";

import { hostsWithPaths } from "../../config/problem";
import { validate } from "../../config/validate";
import { hostKey } from "./stackFile";
import { committedStackFiles, inputOf } from "./stackFiles";

/**
 * Makes a folder the home of somebody who has all files that the examples of stack files name, and has seen all their hosts.
 * The keys in it are of the right form and no more.
 */
export function furnishHome(home: string): void {
  const write = (file: string, text: string): void => {
    mkdirSync(path.join(home, file, ".."), { recursive: true });
    writeFileSync(path.join(home, file), text);
  };
  const known = committedStackFiles("examples").flatMap((file) => {
    const validation = validate(inputOf(file));
    return validation.ok ? hostsWithPaths(validation.spec).map(([, { address }]) => address) : [];
  });
  const lines = [...known, "jump.example.com"].map((host) => `${host} ${hostKey(host)}\n`).join("");
  write(".ssh/id_ed25519", "-----BEGIN OPENSSH PRIVATE KEY-----\nthe private key\n");
  write(".ssh/known_hosts", lines);
  write("site/known_hosts", lines);
  write("site/apt-key.asc", "the apt key\n");
  const sums = ["amd64", "arm64"].map(
    (one) => `${"0".repeat(64)}  etcd-v3.7.3-linux-${one}.tar.gz\n`,
  );
  for (const folder of ["site", "metal"]) write(`${folder}/etcd-SHA256SUMS`, sums.join(""));
}
