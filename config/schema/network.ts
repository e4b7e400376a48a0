import { z } from "zod";

import { cidr, dnsName, localPath } from "../primitives";

const imageReference = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9._:/-]*:[A-Za-z0-9._-]+$/,
    "must be an image with a tag, such as ghcr.io/flannel-io/flannel:v0.28.10",
  );

/** The key that tells the kinds apart. */
function plugin<P extends string>(name: P): z.ZodLiteral<P> {
  return z
    .literal(name)
    .describe(
      "The pod network: flannel, a manifest of your own, or none, which leaves Nodes NotReady.",
    );
}

const flannel = z.strictObject({
  plugin: plugin("flannel"),
  backend: z
    .enum(["vxlan", "host-gw"])
    .default("vxlan")
    .describe("host-gw is faster and needs all nodes in one layer-2 network."),
  image: imageReference
    .default("ghcr.io/flannel-io/flannel:v0.28.10")
    .describe("Image of flannel itself."),
  cniPluginImage: imageReference
    .default("ghcr.io/flannel-io/flannel-cni-plugin:v1.9.1-flannel1")
    .describe("Image that installs flannel's CNI plugin."),
});

const cni = z
  .discriminatedUnion(
    "plugin",
    [
      flannel,
      z.strictObject({
        plugin: plugin("manifest"),
        file: localPath
          .describe("File with the manifest of your own pod network.")
          .meta({ examples: ["cni.yaml"] }),
      }),
      z.strictObject({ plugin: plugin("none") }),
    ],
    {
      error: ({ code }) =>
        code === "invalid_union" ? "must be flannel, manifest (with a file) or none" : undefined,
    },
  )
  .prefault({ plugin: "flannel" });

/** The cluster's networks. */
export const network = z
  .strictObject({
    podSubnet: cidr
      .default("10.244.0.0/16")
      .describe(
        "Addresses of the pods: a /24 of it for each node, so /24 to /8. No host has an address in it, nor has the endpoint.",
      ),
    serviceSubnet: cidr
      .default("10.96.0.0/12")
      .describe(
        "Addresses of the Services: /28 to /12. It does not overlap with podSubnet, and no host has an address in it, nor has the endpoint.",
      ),
    dnsDomain: dnsName.default("cluster.local").describe("DNS domain of the Services."),
    cni: cni.describe("The pod network."),
    hostsEntries: z
      .boolean()
      .default(false)
      .describe("Write the names of the endpoint and of all nodes into every host's /etc/hosts."),
  })
  .prefault({});
