import { z } from "zod";

import { localPath } from "../primitives";
import { host } from "./hosts";

/** The key that tells the kinds apart. */
function topology<T extends string>(name: T): z.ZodLiteral<T> {
  return z
    .literal(name)
    .describe(
      "`stacked`: a member on each control plane; `external`: members on hosts of their own.",
    );
}

const stackedEtcd = z.strictObject({ topology: topology("stacked") });

const hours = z.int().min(1).max(876_000);

const externalEtcd = z.strictObject({
  topology: topology("external"),
  hosts: z
    .array(host)
    .min(1)
    .max(7)
    .describe("Dedicated etcd hosts: 3, 5 or 7.")
    .meta({ examples: [[{ name: "etcd1", address: "192.168.1.31" }]] }),
  allowSingle: z
    .boolean()
    .default(false)
    .describe("Allow one etcd host, whose loss is the loss of the cluster's data."),
  version: z
    .string()
    .regex(
      /^3\.(0|[1-9]\d*)\.(0|[1-9]\d*)$/,
      "must be an exact version such as 3.6.16, without a leading v or leading zeros",
    )
    .optional()
    .describe(
      "etcd's exact version. Default: the newest known that goes with the Kubernetes version, whose kubeadm may refuse older ones: 1.37 takes 3.5.24 and newer.",
    )
    .meta({ examples: ["3.6.16"] }),
  checksumsFile: localPath
    .optional()
    .describe(
      "File in the form of the SHA256SUMS that etcd publishes with each release. Needed for releases whose checksums the product does not know.",
    )
    .meta({ examples: ["etcd-SHA256SUMS"] }),
  quotaMib: z
    .int()
    .min(256)
    .max(65_536)
    .default(8192)
    .describe(
      "Size of the data, in MiB, at which etcd refuses writes. etcd's own suggestion: up to 8 GiB.",
    ),
  heartbeatIntervalMs: z
    .int()
    .min(10)
    .max(5_000)
    .default(100)
    .describe("How often the leader tells the members that it lives: about their round trip."),
  electionTimeoutMs: z
    .int()
    .min(100)
    .max(50_000)
    .default(1000)
    .describe("Silence after which the members elect a new leader; at least five heartbeats."),
  service: z
    .record(
      z.string().regex(/^[A-Z][A-Za-z]{1,40}$/, "must be a directive such as LimitNOFILE"),
      z
        .string()
        .max(500)
        // systemd joins a line that ends in a backslash with the next one.
        .regex(
          /^([^\x00-\x1f\x7f]*[^\x00-\x1f\x7f\\])?$/,
          "must be one line, without a backslash at its end",
        ),
    )
    .default({})
    .describe("Directives merged over the [Service] section of etcd's systemd unit.")
    .meta({ examples: [{ LimitNOFILE: "65536", Nice: "-5" }] }),
  certificates: z
    .strictObject({
      validityHours: hours
        .default(3 * 365 * 24)
        .describe("How long etcd's certificates are valid."),
      earlyRenewalHours: hours
        .default(365 * 24)
        .describe(
          "How long before their end the next `pulumi up` renews them; at most `validityHours`.",
        ),
    })
    .prefault({})
    .describe("Certificates of the members and of etcd's clients; the CA lives ten years."),
});

/** Where etcd runs; `topology` tells. */
export const etcd = z
  .discriminatedUnion("topology", [stackedEtcd, externalEtcd], {
    error: ({ code }) => (code === "invalid_union" ? "must be stacked or external" : undefined),
  })
  .default({ topology: "stacked" });
