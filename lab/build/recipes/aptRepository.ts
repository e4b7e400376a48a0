import {
  chmodSync,
  copyFileSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { architecture } from "../architecture";
import type { BuildContext, Recipe } from "../recipe";
import { kubernetesReleases } from "../versions";
import { hostImage } from "./debian";
import { cniPackage, kubernetesPackages } from "./kubernetesPackages";

const owner = "kubeadm-ha lab <lab@kubeadm-ha.invalid>";

/** The key that signs the lab's packages, made once: `private.asc` (for root only) and `public.asc`. It never leaves the cache. */
export const aptKey: Recipe = {
  name: "apt-key",
  inputs: [],
  parameters: { algorithm: "ed25519", owner },
  async build(context) {
    await withGpg(context, async (gpg) => {
      await gpg("--passphrase", "", "--quick-generate-key", owner, "ed25519", "sign", "never");
      const to = (name: string): string[] => ["--armor", "--output", path.join(context.out, name)];
      await gpg(...to("public.asc"), "--export");
      await gpg(...to("private.asc"), "--passphrase", "", "--export-secret-keys");
    });
    chmodSync(path.join(context.out, "private.asc"), 0o600);
  },
};

/**
 * The signed apt repository, flat (`deb … ./`): `apt/` to be served, with our Kubernetes packages and what plain hosts need of
 * Debian's, and `key.asc`, the public key that it is signed with.
 */
export const aptRepository: Recipe = {
  name: "apt-repository",
  inputs: ["build/recipes/aptRepository.ts"],
  needs: [
    aptKey,
    hostImage,
    cniPackage,
    ...kubernetesReleases.map(({ version }) => kubernetesPackages(version)),
  ],
  usual: 10,
  async build(context) {
    const apt = path.join(context.out, "apt");
    mkdirSync(apt);
    collect(path.join(context.of(hostImage), "packages"), apt);
    collect(context.of(cniPackage), apt);
    for (const { version } of kubernetesReleases) {
      collect(context.of(kubernetesPackages(version)), apt);
    }
    const index = await context.capture("apt-ftparchive", ["packages", "."], { cwd: apt });
    writeFileSync(path.join(apt, "Packages"), `${index}\n`);
    await context.run("gzip", ["--keep", "-n", "Packages"], { cwd: apt });
    const fields = {
      Origin: "kubeadm-ha lab",
      Label: "kubeadm-ha lab",
      Suite: "lab",
      Architectures: architecture(),
      Description: "What the hosts of the kubeadm-ha lab install",
    };
    const settings = Object.entries(fields).flatMap(([key, value]) => [
      "-o",
      `APT::FTPArchive::Release::${key}=${value}`,
    ]);
    const release = await context.capture("apt-ftparchive", [...settings, "release", "."], {
      cwd: apt,
    });
    const unsigned = path.join(context.scratch, "Release");
    writeFileSync(unsigned, `${release}\n`);
    await withGpg(context, async (gpg) => {
      await gpg("--import", path.join(context.of(aptKey), "private.asc"));
      await gpg("--clearsign", "--output", path.join(apt, "InRelease"), unsigned);
      await gpg("--armor", "--detach-sign", "--output", path.join(apt, "Release.gpg"), unsigned);
    });
    copyFileSync(unsigned, path.join(apt, "Release"));
    copyFileSync(path.join(context.of(aptKey), "public.asc"), path.join(context.out, "key.asc"));
  },
};

/** Links every .deb of a folder into another one: the cache need not hold them twice. */
function collect(from: string, to: string): void {
  for (const name of readdirSync(from)) {
    if (name.endsWith(".deb")) linkSync(path.join(from, name), path.join(to, name));
  }
}

/** Works with GnuPG in a home of its own, which is gone afterwards. Its path is short: sockets lie in it. */
async function withGpg(
  context: BuildContext,
  work: (gpg: (...args: string[]) => Promise<void>) => Promise<void>,
): Promise<void> {
  const home = mkdtempSync(path.join(tmpdir(), "kha-gpg-"));
  try {
    await work((...args) =>
      context.run("gpg", [
        "--homedir",
        home,
        "--batch",
        "--yes",
        "--pinentry-mode",
        "loopback",
        ...args,
      ]),
    );
  } finally {
    await context.run("gpgconf", ["--homedir", home, "--kill", "gpg-agent"]).catch(() => undefined);
    rmSync(home, { recursive: true, force: true });
  }
}
