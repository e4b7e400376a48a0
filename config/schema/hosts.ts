import { z } from "zod";

import {
  dnsLabel,
  hostOrAddress,
  labelKey,
  labelValue,
  linuxUser,
  machineAddress,
  port,
} from "../primitives";

/** How one host is reached by SSH, where it differs from the stack's `ssh`. */
const hostSsh = z.strictObject({
  host: hostOrAddress
    .optional()
    .describe("Where to dial. Default: the host's `address`.")
    .meta({ examples: ["10.1.0.11"] }),
  port: port
    .optional()
    .describe("Port to dial. Default: the stack's `ssh.port`.")
    .meta({ examples: [2222] }),
  user: linuxUser
    .optional()
    .describe("Login user. Default: the stack's `ssh.user`.")
    .meta({ examples: ["root"] }),
  hostKey: z
    .string()
    .regex(/^ssh-ed25519 [A-Za-z0-9+/=]+$/, "must be one line such as `ssh-ed25519 AAAA…`")
    .optional()
    .describe("The host's public ed25519 key. Default: looked up in `ssh.knownHosts`.")
    .meta({ examples: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI…"] }),
});

const hostShape = {
  name: dnsLabel
    .describe("The host's name; for a cluster node also the name of its Node.")
    .meta({ examples: ["cp1"] }),
  address: machineAddress
    .describe("The address other hosts use: node IP, advertise address, etcd peer.")
    .meta({ examples: ["192.168.1.11"] }),
  ssh: hostSsh.optional().describe("How to reach this host, where it differs from `ssh`."),
  generation: z
    .int()
    .min(1)
    .default(1)
    .describe("Raise it when the machine was made anew under the same SSH host key.")
    .meta({ examples: [2] }),
  gone: z
    .boolean()
    .default(false)
    .describe(
      "The machine is gone for ever: nothing contacts it any more, and the next `pulumi up` takes it out of the cluster. After that the entry can be deleted.",
    ),
};

/** A host that is not a cluster node. */
export const host = z.strictObject(hostShape);

const taint = z.strictObject({
  key: labelKey.describe("The taint's key.").meta({ examples: ["dedicated"] }),
  value: labelValue
    .default("")
    .describe("The taint's value.")
    .meta({ examples: ["database"] }),
  effect: z
    .enum(["NoSchedule", "PreferNoSchedule", "NoExecute"])
    .describe("What it does to pods that do not tolerate it."),
});

/** A control plane or a worker. */
export const node = z.strictObject({
  ...hostShape,
  zone: labelValue
    .optional()
    .describe("Sets the label topology.kubernetes.io/zone.")
    .meta({ examples: ["a"] }),
  labels: z
    .record(labelKey, labelValue)
    .default({})
    .describe("Labels of the Node.")
    .meta({ examples: [{ "example.com/disk": "ssd" }] }),
  taints: z
    .array(taint)
    .check(({ value: taints, issues }) => {
      const all = taints.map(({ key, effect }) => `${key}:${effect}`);
      for (const [i, one] of all.entries()) {
        const first = all.indexOf(one);
        if (first === i) continue;
        // kubectl would refuse it, when all nodes have joined already.
        const message = `${one} is taints[${first}] already; a Node has one taint of a key and an effect`;
        issues.push({ code: "custom", path: [i], message, input: taints });
      }
    })
    .default([])
    .describe("Taints of the Node, beside kubeadm's own.")
    .meta({ examples: [[{ key: "dedicated", value: "database", effect: "NoSchedule" }]] }),
});
