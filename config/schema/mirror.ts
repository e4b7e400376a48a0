import { z } from "zod";

import { httpUrl, localPath } from "../primitives";

/** What stands in a line of apt's sources: one word, and no option. */
const aptWord = z
  .string()
  .regex(
    /^[A-Za-z0-9./_][A-Za-z0-9./_-]*$/,
    "must be letters, digits, dots, slashes, underscores and dashes, with no dash first",
  );

/** Where packages, images and archives come from, when not from upstream. */
export const mirror = z.strictObject({
  apt: z
    .strictObject({
      url: httpUrl
        .describe("The repository's address.")
        .meta({ examples: ["http://mirror.example.com/apt"] }),
      suite: aptWord
        .default("./")
        .describe("The suite; one that ends in a slash is a flat repository.")
        .meta({ examples: ["bookworm"] }),
      components: z
        .array(aptWord)
        .default([])
        .describe("The suite's components, at least one; none for a flat repository.")
        .meta({ examples: [["main"]] }),
      keyFile: localPath
        .describe("The repository's public key, ASCII-armoured.")
        .meta({ examples: ["mirror.asc"] }),
    })
    .optional()
    .describe("One apt repository with all packages: Kubernetes' and the distribution's."),
  images: httpUrl
    .optional()
    .describe("Registry that serves all images under their own paths.")
    .meta({ examples: ["http://mirror.example.com:5000"] }),
  files: httpUrl
    .optional()
    .describe(
      "Web server with release archives: `<files>/etcd/v3.6.16/etcd-v3.6.16-linux-amd64.tar.gz`.",
    )
    .meta({ examples: ["http://mirror.example.com/files"] }),
});
