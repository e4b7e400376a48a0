import { z } from "zod";

import { hostOrAddress, ipv4, port } from "../primitives";
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

/** What the balancers that the product builds have in common. */
const builtBalancer = {
  hosts: z.array(host).min(1).describe("Dedicated balancer hosts."),
  port: port.default(6443).describe("Port on which the balancers listen for the Kubernetes API."),
  virtualIp: ipv4
    .optional()
    .describe("Address that keepalived keeps on one of the balancers. One host is enough for it."),
  vrrp: vrrp.describe("How keepalived agrees on who has the virtual IP."),
};

const haproxy = z.strictObject({
  kind: z.literal("haproxy"),
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
      address: ipv4.default("127.0.0.1"),
      port: port.default(8405),
    })
    .prefault({})
    .describe("Where HAProxy serves `/metrics` for Prometheus, in plain HTTP."),
});

const nginx = z.strictObject({ kind: z.literal("nginx"), ...builtBalancer });

const existingBalancer = z.strictObject({
  kind: z.literal("existing"),
  endpoint: hostOrAddress.describe("DNS name or address of a load balancer that is there already."),
  port: port.default(6443),
});

/** The load balancer in front of the API servers; `kind` tells which. */
export const loadBalancer = z.discriminatedUnion("kind", [haproxy, nginx, existingBalancer], {
  error: "kind must be haproxy, nginx or existing",
});
