import { mkdirSync } from "node:fs";
import path from "node:path";

import { packageList } from "../packageList";
import type { BuildContext, Recipe } from "../recipe";

/** The release of all of the lab's systems. */
const suite = "bookworm";

/**
 * Runs mmdebstrap in a mount namespace of its own. It mounts the machine's /proc, /sys and /dev below the new system; however it
 * ends, these mounts end with it, so that whoever removes its folder can never reach into the machine's own.
 */
async function mmdebstrap(
  context: BuildContext,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const alone = ["--mount", "--propagation", "private"];
  await context.run("unshare", [...alone, "mmdebstrap", ...common, ...args], { env });
}

/** What both systems are made with: from the machine's own trust in Debian, without anything that nobody reads. */
const common = [
  ...["--mode=root", "--format=tar", "--skip=output/dev"],
  "--aptopt=APT::Install-Recommends false",
];

/**
 * The plain host: `rootfs.tar`, a Debian with systemd, an SSH server, sudo and a user `admin` without a key, and nothing that a
 * cluster needs; and `packages/`, all Debian packages that such a host installs later. Both are made at once, so that they
 * fit together: packages are asked for on the very system that they go with.
 */
export const hostImage: Recipe = {
  name: "host-image",
  inputs: ["build/recipes/debian.ts", "build/packageList.ts", "host-image"],
  parameters: { suite },
  usual: 45,
  async build(context) {
    const folder = path.join(context.lab, "host-image");
    const archives = path.join(context.out, "packages");
    mkdirSync(archives);
    const include = packageList(path.join(folder, "base-packages.txt")).join(",");
    const hook = `--customize-hook=${path.join(folder, "customize.sh")}`;
    const args = [
      ...common,
      "--variant=minbase",
      `--include=${include}`,
      hook,
      "--skip=output/dev",
    ];
    await context.run("mmdebstrap", [...args, suite, path.join(context.out, "rootfs.tar")], {
      env: {
        FILES: path.join(folder, "files"),
        PACKAGES: packageList(path.join(folder, "packages.txt")).join(" "),
        ARCHIVES: archives,
      },
    });
  },
};

/**
 * What the images of kube-proxy and flannel, and the mirror's container, lie on (`rootfs.tar`); and the program of an image
 * registry that runs on it (`docker-registry`).
 */
export const baseImage: Recipe = {
  name: "base-image",
  inputs: ["build/recipes/debian.ts", "build/packageList.ts", "base-image"],
  parameters: { suite },
  usual: 30,
  async build(context) {
    const folder = path.join(context.lab, "base-image");
    const include = packageList(path.join(folder, "packages.txt")).join(",");
    const slim = "--dpkgopt=path-exclude=/usr/share/{doc,man,locale,info}/*";
    const hook = `--customize-hook=${path.join(folder, "fetch-registry.sh")}`;
    const archive = path.join(context.out, "rootfs.tar");
    const args = ["--variant=essential", `--include=${include}`, slim, hook, suite, archive];
    await mmdebstrap(context, args, { PROGRAM: path.join(context.out, "docker-registry") });
  },
};
