import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

import { architecture } from "../architecture";
import type { Recipe } from "../recipe";
import { versions } from "../versions";
import { etcd } from "./programs";

/** Release archives as upstream publishes them: `etcd/v<version>/etcd-v<version>-linux-<arch>.tar.gz` and SHA256SUMS beside it. */
export const files: Recipe = {
  name: "files",
  inputs: ["build/recipes/files.ts"],
  parameters: { etcd: versions.etcd },
  needs: [etcd],
  async build(context) {
    const name = `etcd-v${versions.etcd}-linux-${architecture()}`;
    const tree = path.join(context.scratch, name);
    mkdirSync(tree);
    for (const program of ["etcd", "etcdctl", "etcdutl"]) {
      copyFileSync(path.join(context.of(etcd), program), path.join(tree, program));
    }
    const folder = path.join(context.out, "etcd", `v${versions.etcd}`);
    mkdirSync(folder, { recursive: true });
    const archive = path.join(folder, `${name}.tar.gz`);
    const owner = ["--owner=0", "--group=0", "--numeric-owner", "--sort=name"];
    await context.run("tar", ["-czf", archive, ...owner, "-C", context.scratch, name]);
    const sum = createHash("sha256").update(readFileSync(archive)).digest("hex");
    writeFileSync(path.join(folder, "SHA256SUMS"), `${sum}  ${path.basename(archive)}\n`);
  },
};
