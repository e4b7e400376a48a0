import { copyFileSync, mkdirSync, symlinkSync } from "node:fs";
import path from "node:path";

import { ImageLayout, type Image, type Layer } from "../ociImage";
import type { BuildContext, Recipe } from "../recipe";
import { withRegistry } from "../registry";
import { kubernetesReleases, versions, type KubernetesRelease } from "../versions";
import { baseImage } from "./debian";
import { clusterPrograms, kubernetes } from "./kubernetes";
import { coredns, etcd, flannel, pause, web } from "./programs";

/** The version that the flannel project's own CNI plugin image has beside {@link versions.flannel}. */
const cniPluginTag = "v1.9.1-flannel1";

/**
 * The data of an image registry with every image of the lab, under its upstream name without the registry's host:
 * `kube-apiserver:v1.37.2`, `flannel-io/flannel:v0.28.10` … The four images of a Kubernetes release are one image, so that hosts
 * fetch and unpack it once.
 */
export const images: Recipe = {
  name: "images",
  inputs: ["build/recipes/images.ts", "build/ociImage.ts", "build/registry.ts"],
  parameters: { releases: JSON.stringify(kubernetesReleases), cniPluginTag },
  needs: [
    ...[baseImage, etcd, coredns, flannel, pause, web],
    ...kubernetesReleases.map(({ version }) => kubernetes(version)),
  ],
  usual: 15,
  async build(context) {
    const folder = path.join(context.scratch, "layout");
    const layout = new ImageLayout(context, folder);
    const names = await addImages(context, layout);
    const program = path.join(context.of(baseImage), "docker-registry");
    await withRegistry(context, program, context.out, async (registry) => {
      const flags = ["copy", "--quiet", "--insecure-policy", "--dest-tls-verify=false"];
      for (const name of names) {
        await context.run("skopeo", [
          ...flags,
          `oci:${folder}:${name}`,
          `docker://${registry}/${name}`,
        ]);
      }
    });
  },
};

async function addImages(context: BuildContext, layout: ImageLayout): Promise<string[]> {
  const names: string[] = [];
  const add = (image: Image, ...under: readonly string[]): void => {
    for (const name of under) layout.add(name, image);
    names.push(...under);
  };
  const base = await layout.layerOfArchive(path.join(context.of(baseImage), "rootfs.tar"));
  /** A layer with programs: path in the image → file. A file that begins with "->" is a link to what follows. */
  const layer = async (contents: Readonly<Record<string, string>>): Promise<Layer> => {
    const root = path.join(context.scratch, `root-${names.length}`);
    for (const [at, from] of Object.entries(contents)) {
      const to = path.join(root, at);
      mkdirSync(path.dirname(to), { recursive: true });
      if (from.startsWith("->")) symlinkSync(from.slice(2), to);
      else copyFileSync(from, to);
    }
    return layout.layerOfFolder(root);
  };
  const of = (recipe: Recipe, program: string): string => path.join(context.of(recipe), program);

  for (const release of kubernetesReleases) {
    const programs = await layer(kubernetesContents(context, release));
    const under = clusterPrograms.map((program) => `${program}:v${release.version}`);
    add({ layers: [base, programs] }, ...under);
  }
  const etcdTags = new Set(kubernetesReleases.map((release) => `etcd:${release.tags.etcd}`));
  const etcdPrograms = ["etcd", "etcdctl", "etcdutl"];
  const inBin = etcdPrograms.map((name) => [`usr/local/bin/${name}`, of(etcd, name)]);
  add({ layers: [await layer(Object.fromEntries(inBin) as Record<string, string>)] }, ...etcdTags);

  const dns = new Set(kubernetesReleases.map((r) => `coredns/coredns:${r.tags.coredns}`));
  const dnsLayer = await layer({ coredns: of(coredns, "coredns") });
  add({ layers: [dnsLayer], entrypoint: ["/coredns"] }, ...dns);

  const pauses = new Set(kubernetesReleases.map((release) => `pause:${release.tags.pause}`));
  add({ layers: [await layer({ pause: of(pause, "pause") })], entrypoint: ["/pause"] }, ...pauses);

  const daemon = await layer({ "opt/bin/flanneld": of(flannel, "flanneld") });
  const flannelName = `flannel-io/flannel:v${versions.flannel}`;
  add({ layers: [base, daemon], entrypoint: ["/opt/bin/flanneld"] }, flannelName);
  // Init containers copy the plugin onto the host with `cp`, which the base has.
  const plugin = await layer({ flannel: of(flannel, "flannel") });
  add({ layers: [base, plugin] }, `flannel-io/flannel-cni-plugin:${cniPluginTag}`);

  add({ layers: [await layer({ web: of(web, "web") })], entrypoint: ["/web"] }, "lab/web:1");
  return names;
}

function kubernetesContents(
  context: BuildContext,
  { version }: KubernetesRelease,
): Record<string, string> {
  const binary = path.join(context.of(kubernetes(version)), "bin/kubernetes");
  const links = clusterPrograms.map((program) => [`usr/local/bin/${program}`, "->kubernetes"]);
  return Object.fromEntries([["usr/local/bin/kubernetes", binary], ...links]) as Record<
    string,
    string
  >;
}
