import type { SpecInput } from "../../config/spec";

/** How many hosts of each role a stack file has. */
export interface Shape {
  readonly controlPlanes: number;
  readonly workers: number;
  readonly balancers: number;
  readonly kind: "haproxy" | "nginx";
  /** Whether the balancers share a virtual IP. */
  readonly virtualIp: boolean;
  /** Hosts of an external etcd; 0 for stacked etcd. */
  readonly etcd: number;
}

/** A host's entry in a stack file. */
type HostInput = NonNullable<SpecInput["workers"]>[number];

/**
 * A stack file that is right, with hosts named lb1…, etcd1…, cp1…, w1… and every host's key written down.
 *
 * @param shape default: one HAProxy, three control planes with stacked etcd, two workers. Several balancers without a
 *   virtual IP get an endpoint name.
 * @param more keys that take the place of the generated ones.
 */
export function stackFile(shape: Partial<Shape> = {}, more: Partial<SpecInput> = {}): SpecInput {
  const { controlPlanes = 3, workers = 2, balancers = 1, etcd = 0 } = shape;
  const { kind = "haproxy", virtualIp = false } = shape;
  return {
    kubernetes: { version: "1.37.2" },
    ...(balancers > 1 && !virtualIp && { endpoint: "api.example.com" }),
    ssh: { user: "admin", privateKeyFile: "tests/support/no-key" },
    loadBalancer: {
      kind,
      hosts: hosts("lb", balancers, 10),
      ...(virtualIp && { virtualIp: "192.168.1.9" }),
    },
    ...(etcd > 0 && {
      etcd: {
        topology: "external",
        hosts: hosts("etcd", etcd, 30),
        checksumsFile: "tests/support/etcd-SHA256SUMS",
      },
    }),
    controlPlanes: hosts("cp", controlPlanes, 20),
    workers: hosts("w", workers, 100),
    ...more,
  };
}

/** Hosts of one role, with addresses above `192.168.1.<base>`. */
export function hosts(prefix: string, count: number, base: number): HostInput[] {
  return Array.from({ length: count }, (_, i) => ({
    name: `${prefix}${i + 1}`,
    address: `192.168.1.${base + i + 1}`,
    ssh: { hostKey: hostKey(`${prefix}${i + 1}`) },
  }));
}

/** A public ed25519 key line of the right form, different for each name. */
export function hostKey(name: string): string {
  const blob = Buffer.from(`\0\0\0\x0bssh-ed25519\0\0\0\x20${name.padEnd(32, ".")}`, "latin1");
  return `ssh-ed25519 ${blob.toString("base64")}`;
}

/** Logs in with an agent's keys, which are in no file and in no input. */
export const agent = { ssh: { user: "admin", agent: true } } satisfies Partial<SpecInput>;
