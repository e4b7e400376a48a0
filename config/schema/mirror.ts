import { z } from "zod";

import { httpUrl, localPath } from "../primitives";

/** Where packages, images and archives come from, when not from upstream. */
export const mirror = z.strictObject({
  apt: z
    .strictObject({
      url: httpUrl,
      suite: z
        .string()
        .regex(/^[A-Za-z0-9./_-]+$/)
        .default("./"),
      components: z.array(z.string().regex(/^[A-Za-z0-9./_-]+$/)).default([]),
      keyFile: localPath.describe("The repository's public key, ASCII-armoured."),
    })
    .optional()
    .describe("One apt repository with all packages: Kubernetes' and the distribution's."),
  images: httpUrl.optional().describe("Registry that serves all images under their own paths."),
  files: httpUrl
    .optional()
    .describe(
      "Web server with release archives: `<files>/etcd/v3.6.16/etcd-v3.6.16-linux-amd64.tar.gz`.",
    ),
});
