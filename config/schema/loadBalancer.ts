import { z } from "zod";

import { hostOrAddress, ipv4, machineAddress, port } from "../primitives";
import { host } from "./hosts";

const vrrp = z
  .strictObject({
    routerId: z
      .int()
      .min(1)
      .max(255)
      .default(51)
      .describe("VRRP's virtual router id: unique among the virtual addresses of one network."),
    advertIntervalMs: z
      .int()
      .min(10)
      .max(40_000)
      .multipleOf(10)
      .default(250)
      .describe("Time between advertisements; three missed ones move the address."),
  })
  .prefault({});

/** The key that tells the kinds apart. */
function kind<K extends string>(name: K): z.ZodLiteral<K> {
  return z
    .literal(name)
    .describe(
      "Which load balancer: `haproxy` or `nginx` on hosts that the program sets up, or `existing` for one that is there.",
    );
}

/** What the balancers that the product builds have in common. */
const builtBalancer = {
  hosts: z
    .array(host)
    .min(1)
    .describe("Dedicated balancer hosts.")
    .meta({ examples: [[{ name: "lb1", address: "192.168.1.7" }]] }),
  port: port.default(6443).describe("Port on which the balancers listen for the Kubernetes API."),
  virtualIp: machineAddress
    .optional()
    .describe(
      "Address that keepalived keeps on one of the balancers, and that no machine has by itself. One host is enough for it.",
    )
    .meta({ examples: ["192.168.1.9"] }),
  vrrp: vrrp.describe("How keepalived agrees on who has the virtual IP."),
};

const haproxy = z.strictObject({
  kind: kind("haproxy"),
  ...builtBalancer,
  check: z
    .strictObject({
      intervalMs: z.int().min(100).max(60_000).default(1000).describe("Time between checks."),
      fall: z.int().min(1).max(10).default(3).describe("Failed checks until a server is down."),
      rise: z.int().min(1).max(10).default(2).describe("Good checks until a server is up again."),
    })
    .prefault({})
    .describe("The health check of the API servers (`/readyz` over TLS)."),
  metrics: z
    .strictObject({
      address: ipv4
        .default("127.0.0.1")
        .describe("Address to listen on; `0.0.0.0` for all. There is no password.")
        .meta({ examples: ["0.0.0.0"] }),
      port: port.default(8405).describe("Port to listen on; not the balancer's own."),
    })
    .prefault({})
    .describe("Where HAProxy serves `/metrics` for Prometheus, in plain HTTP."),
});

const nginx = z.strictObject({ kind: kind("nginx"), ...builtBalancer });

const existingBalancer = z.strictObject({
  kind: kind("existing"),
  endpoint: hostOrAddress
    .describe("DNS name or address of a load balancer that is there already.")
    .meta({ examples: ["api.example.com"] }),
  port: port.default(6443).describe("Port on which it passes the Kubernetes API on."),
});

/** The load balancer in front of the API servers; `kind` tells which. */
export const loadBalancer = z.discriminatedUnion("kind", [haproxy, nginx, existingBalancer], {
  error: ({ code }) =>
    code === "invalid_union" ? "must be haproxy, nginx or existing" : undefined,
});
