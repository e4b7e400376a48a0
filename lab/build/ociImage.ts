import { createHash } from "node:crypto";
import { createReadStream, mkdirSync, renameSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";

import { architecture } from "./architecture";
import type { BuildContext } from "./recipe";

/** A layer that lies in a layout's blobs. */
export interface Layer {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  /** The digest of what is in it, uncompressed. */
  readonly diffId: string;
}

/** What an image is made of. */
export interface Image {
  /** Lowest first. */
  readonly layers: readonly Layer[];
  readonly entrypoint?: readonly string[];
  /** Default: Debian's. */
  readonly path?: string;
}

/** All times in the lab's images, so that equal contents give equal images. */
const epoch = "1970-01-01T00:00:00Z";

/**
 * Writes images as an OCI image layout, without any daemon or container: a layer is an archive, an image two small JSON
 * documents about its layers. Layers are compressed with zstd, which hosts unpack several times faster than gzip.
 */
export class ImageLayout {
  private readonly manifests: object[] = [];

  /** @param folder an empty folder, which becomes the layout. */
  constructor(
    private readonly context: BuildContext,
    private readonly folder: string,
  ) {
    mkdirSync(path.join(folder, "blobs/sha256"), { recursive: true });
    writeFileSync(path.join(folder, "oci-layout"), `{"imageLayoutVersion":"1.0.0"}\n`);
  }

  /** A layer with what a folder holds, owned by root. */
  async layerOfFolder(folder: string): Promise<Layer> {
    const archive = path.join(this.context.scratch, "layer.tar");
    const equal = ["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner"];
    await this.context.run("tar", ["-cf", archive, ...equal, "-C", folder, "."]);
    return this.layerOfArchive(archive);
  }

  /** A layer with what a tar archive holds. */
  async layerOfArchive(archive: string): Promise<Layer> {
    const packed = path.join(this.context.scratch, "layer.tar.zst");
    await this.context.run("zstd", ["-q", "-f", "-3", "-T0", archive, "-o", packed]);
    const size = statSync(packed).size;
    const [diffId, digest] = await Promise.all([digestOf(archive), digestOf(packed)]);
    renameSync(packed, this.blob(digest));
    return { mediaType: "application/vnd.oci.image.layer.v1.tar+zstd", digest, size, diffId };
  }

  /** Adds an image under a name within the layout. */
  add(name: string, image: Image): void {
    const { layers, entrypoint } = image;
    const search = image.path ?? "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    const config = this.document("application/vnd.oci.image.config.v1+json", {
      created: epoch,
      architecture: architecture(),
      os: "linux",
      config: { Env: [`PATH=${search}`], Entrypoint: entrypoint },
      rootfs: { type: "layers", diff_ids: layers.map((layer) => layer.diffId) },
      history: layers.map(() => ({ created: epoch, created_by: "kubeadm-ha lab" })),
    });
    const manifest = this.document("application/vnd.oci.image.manifest.v1+json", {
      schemaVersion: 2,
      mediaType: "application/vnd.oci.image.manifest.v1+json",
      config,
      layers: layers.map(({ mediaType, digest, size }) => ({ mediaType, digest, size })),
    });
    const annotations = { "org.opencontainers.image.ref.name": name };
    this.manifests.push({ ...manifest, annotations });
    writeFileSync(
      path.join(this.folder, "index.json"),
      JSON.stringify({ schemaVersion: 2, manifests: this.manifests }),
    );
  }

  private document(
    mediaType: string,
    content: object,
  ): { mediaType: string; digest: string; size: number } {
    const bytes = Buffer.from(JSON.stringify(content));
    const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
    writeFileSync(this.blob(digest), bytes);
    return { mediaType, digest, size: bytes.length };
  }

  private blob(digest: string): string {
    return path.join(this.folder, "blobs", digest.replace(":", "/"));
  }
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return `sha256:${hash.digest("hex")}`;
}
