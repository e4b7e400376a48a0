import { z } from "zod";

import { fragment } from "../primitives";
import { supportedMinors } from "../versions";

const { lowest, highest } = supportedMinors;

/** Kubernetes itself. */
export const kubernetes = z.strictObject({
  version: z
    .string()
    .regex(
      /^1\.(0|[1-9]\d*)\.(0|[1-9]\d*)$/,
      "must be an exact version such as 1.37.2, without a leading v or leading zeros",
    )
    .describe(
      `The exact Kubernetes version of kubeadm, kubelet, kubectl and the control plane: of 1.${lowest} to 1.${highest}.`,
    )
    .meta({ examples: ["1.37.2"] }),
  cluster: fragment
    .default({})
    .describe("Merged into kubeadm's ClusterConfiguration.")
    .meta({
      examples: [
        { controllerManager: { extraArgs: [{ name: "bind-address", value: "0.0.0.0" }] } },
      ],
    }),
  kubelet: fragment
    .default({})
    .describe("Merged into the KubeletConfiguration of all nodes.")
    .meta({ examples: [{ maxPods: 200 }] }),
  kubeProxy: fragment
    .default({})
    .describe("Merged into the KubeProxyConfiguration.")
    .meta({ examples: [{ mode: "nftables" }] }),
  ignorePreflightErrors: z
    .array(
      z
        .string()
        .regex(/^[A-Za-z0-9][A-Za-z0-9-]*$/, "must be the name of a kubeadm preflight check"),
    )
    .default([])
    .describe("Names of kubeadm preflight checks whose errors become warnings.")
    .meta({ examples: [["SystemVerification"]] }),
});

/** The container runtime of the nodes. */
export const containerd = z
  .strictObject({
    package: z
      .enum(["containerd", "containerd.io"])
      .default("containerd")
      .describe("The package that brings containerd: the distribution's or Docker's."),
    settings: fragment
      .default({})
      .describe("Merged into the CRI plugin's table of containerd's configuration.")
      .meta({ examples: [{ enable_cdi: true }] }),
  })
  .prefault({});
