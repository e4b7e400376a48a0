import path from "node:path";

import { openLab, type Lab } from "../../lab/lab";
import { ensureKeyPair } from "../../lab/hosts/ssh";
import { updateKnownHosts } from "../../lab/hosts/knownHosts";
import { readStack } from "../../lab/stack";
import {
  committed,
  save,
  type HostEntry,
  type Origin,
} from "../../tests/e2e/support/suite/stackFile";

/** Never dialled: neither preview nor the plugin without commands does. */
const origin: Origin = {
  stack: "bench-scale",
  from: "dev",
  network: ["198.18.0", "198.18.25"],
  ports: ["22", "28"],
};

/** Where the addresses of the many workers begin: 198.18.64.0. */
const workersFrom = 64 * 256;

/** Workers on machines that do not exist. @param count up to 10,000. */
export function imaginaryWorkers(count: number): HostEntry[] {
  return Array.from({ length: count }, (_, i) => {
    const last = workersFrom + Math.floor(i / 250) * 256 + (i % 250) + 1;
    return {
      name: `w${i + 1}`,
      address: `198.18.${last >> 8}.${last & 255}`,
      ssh: { host: "127.0.0.1", port: 30_000 + i },
    };
  });
}

/** A stack of three control planes, a balancer and so many workers, none of which exists. */
export async function imaginaryStack(workers: number): Promise<Lab> {
  const file = path.join(".lab", origin.stack, `Pulumi.${origin.stack}.yaml`);
  const lab = openLab(origin.stack, file);
  const stack = committed(origin);
  stack.config["kubeadm-ha:workers"] = imaginaryWorkers(workers);
  // Room for more than the default's 256 nodes.
  stack.config["kubeadm-ha:network"] = { podSubnet: "10.128.0.0/12" };
  save(lab.stackFile, stack);
  const wanted = readStack(lab);
  const key = (await ensureKeyPair(wanted)).split(" ").slice(0, 2).join(" ");
  // Any key will do: nobody shows another.
  const known = wanted.hosts.map(({ port }) => ({ port, key }));
  updateKnownHosts(wanted.knownHosts, known, { only: true });
  return lab;
}
