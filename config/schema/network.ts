import { z } from "zod";

import { cidr, dnsName, localPath } from "../primitives";

const imageReference = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._:/-]*:[A-Za-z0-9._-]+$/, "must be an image with a tag");

const flannel = z.strictObject({
  plugin: z.literal("flannel"),
  backend: z
    .enum(["vxlan", "host-gw"])
    .default("vxlan")
    .describe("host-gw is faster and needs all nodes in one layer-2 network."),
  image: imageReference.default("ghcr.io/flannel-io/flannel:v0.28.10"),
  cniPluginImage: imageReference.default("ghcr.io/flannel-io/flannel-cni-plugin:v1.9.1-flannel1"),
});

const cni = z
  .discriminatedUnion(
    "plugin",
    [
      flannel,
      z.strictObject({ plugin: z.literal("manifest"), file: localPath }),
      z.strictObject({ plugin: z.literal("none") }),
    ],
    { error: "plugin must be flannel, manifest (with a file) or none" },
  )
  .prefault({ plugin: "flannel" });

/** The cluster's networks. */
export const network = z
  .strictObject({
    podSubnet: cidr.default("10.244.0.0/16"),
    serviceSubnet: cidr.default("10.96.0.0/12"),
    dnsDomain: dnsName.default("cluster.local"),
    cni,
    hostsEntries: z
      .boolean()
      .default(false)
      .describe("Write the names of the endpoint and of all nodes into every host's /etc/hosts."),
  })
  .prefault({});
