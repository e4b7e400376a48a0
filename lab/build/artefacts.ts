import path from "node:path";

import type { Progress } from "../output";
import { run } from "../process";
import { usePodmanSettings } from "./podmanSettings";
import { ensure, type Recipe } from "./recipe";
import { aptRepository } from "./recipes/aptRepository";
import { baseImage, hostImage } from "./recipes/debian";
import { files } from "./recipes/files";
import { images } from "./recipes/images";
import { kubernetes } from "./recipes/kubernetes";
import { oldKubeadm } from "./recipes/oldKubeadm";
import { mirrorServer, writer } from "./recipes/programs";
import { ensureSystemPackages, requireGo } from "./systemPackages";
import { kubernetesReleases } from "./versions";

/** What the mirror's container is made of: absolute paths, and an image. */
export interface MirrorParts {
  /** The image in podman's storage that the container runs. */
  readonly image: string;
  /** The first process. */
  readonly server: string;
  /** The registry's program, and the folder with its data. */
  readonly registryProgram: string;
  readonly registry: string;
  /** The apt repository, and the public key that it is signed with. */
  readonly apt: string;
  readonly aptKey: string;
  /** Release archives. */
  readonly files: string;
}

/** What the lab has built: paths in the cache, and images in podman's storage. */
export interface Artefacts {
  /** The image of plain hosts in podman's storage. */
  readonly hostImage: string;
  readonly mirror: MirrorParts;
  /** Kubernetes version → the folder with its programs: kubeadm, kubectl, kubelet … */
  readonly kubernetes: ReadonlyMap<string, string>;
  /** Recipe's name → its folder in the cache, also of the further recipes. */
  readonly directories: ReadonlyMap<string, string>;
}

/**
 * Builds whatever is missing for hosts and mirror, and puts the images into podman's storage. Where all is there, it takes well
 * under a second and tells nothing.
 *
 * @param further recipes to build along, such as the toolchain's: they share the lanes.
 * @throws Failure when a package is missing and cannot be installed, or a build fails.
 */
export async function ensureArtefacts(
  report: Progress,
  further: readonly Recipe[] = [],
): Promise<Artefacts> {
  await ensureSystemPackages(report);
  await requireGo();
  usePodmanSettings();
  const own = [mirrorServer, files, aptRepository, images, hostImage, baseImage];
  const directories = await ensure([...own, ...further], report);
  const at = (recipe: Recipe, ...below: string[]): string =>
    path.join(directories.get(recipe.name) ?? "", ...below);
  const host = await importImage("kha-host", at(hostImage), report);
  const base = await importImage("kha-base", at(baseImage), report);
  return {
    hostImage: host,
    mirror: {
      image: base,
      server: at(mirrorServer, "mirror"),
      registryProgram: at(baseImage, "docker-registry"),
      registry: at(images),
      apt: at(aptRepository, "apt"),
      aptKey: at(aptRepository, "key.asc"),
      files: at(files),
    },
    kubernetes: new Map(
      kubernetesReleases.map(({ version }) => [version, at(kubernetes(version), "bin")]),
    ),
    directories,
  };
}

/** The image of plain hosts alone, in podman's storage: for hosts that use no mirror. @returns its name. */
export async function ensureHostImage(report: Progress): Promise<string> {
  await ensureSystemPackages(report);
  usePodmanSettings();
  const directories = await ensure([hostImage], report);
  return importImage("kha-host", directories.get(hostImage.name) ?? "", report);
}

/** The kubeadm that judges configuration files of API version v1beta3; built at first use. @returns its path. */
export async function ensureOldKubeadm(report: Progress): Promise<string> {
  await requireGo();
  const directories = await ensure([oldKubeadm], report);
  return path.join(directories.get(oldKubeadm.name) ?? "", "kubeadm");
}

/** The program that writes to the Kubernetes API at a steady rate; built at first use. @returns its path. */
export async function ensureWriter(report: Progress): Promise<string> {
  await requireGo();
  const directories = await ensure([writer], report);
  return path.join(directories.get(writer.name) ?? "", "writer");
}

/** Puts an entry's rootfs.tar into podman's storage, under a name with the entry's key, unless it is there. */
async function importImage(name: string, entry: string, report: Progress): Promise<string> {
  const image = `localhost/${name}:${path.basename(entry).split("-").at(-1) ?? ""}`;
  const listed = await run("podman", ["images", "--quiet", image]);
  if (listed.stdout.trim() === "") {
    await report.step(`image ${name}`, async () => {
      const archive = path.join(entry, "rootfs.tar");
      await run("podman", ["import", "--quiet", archive, image], { timeout: 600 });
      return "imported";
    });
  }
  return image;
}
