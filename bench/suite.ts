import { z } from "zod";

import { prepareHosts } from "../lab/up";
import { lines } from "../lab/output";
import { stateResources } from "../lab/state";
import { eventually } from "../tests/e2e/support/eventually";
import { nodes } from "../tests/e2e/support/nodes";
import type { PulumiRun } from "../tests/e2e/support/pulumiRun";
import { Suite } from "../tests/e2e/support/suite";

/** The first three parts of the addresses of the benchmark's hosts, and the first two digits of their SSH ports. */
export const place = { network: "198.18.24", ports: "27" } as const;

/** The benchmark's own stack: the lab's (three stacked control planes, two workers, HAProxy) on hosts of its own. */
export const bench = new Suite({
  stack: "bench",
  from: "dev",
  network: ["198.18.0", place.network],
  ports: ["22", place.ports],
});

/** Machines that nobody has used before. Other stacks' hosts stay: the report says that they were there. */
export async function freshHosts(): Promise<void> {
  await bench.removeHosts();
  bench.writeStackFile();
  await prepareHosts(bench.lab, {}, lines());
}

/** The cluster as the stack file has it: mended where it is there, made where it is not. */
export async function ensureCluster(): Promise<void> {
  // What was made by hand there is not for mending.
  if (stateResources(bench.lab) === 0) await bench.removeHosts();
  bench.writeStackFile();
  await prepareHosts(bench.lab, {}, lines());
  await bench.pulumiUp();
  await bench.removeSurplus();
  await whole();
}

/** `pulumi up` on fresh hosts, without the time that making the hosts takes. */
export async function bringUp(): Promise<PulumiRun> {
  await freshHosts();
  const run = await bench.pulumiUp();
  await whole();
  return run;
}

/** Waits until all Nodes are Ready and each control plane's API server and etcd member answer. */
export async function whole(seconds = 180): Promise<void> {
  await eventually(seconds, async () => {
    for (const node of (await nodes(bench)).values())
      if (!node.ready) throw new Error(`${node.name} is not Ready`);
    for (const name of ["cp1", "cp2", "cp3"]) {
      const server = `--server https://${bench.addressOf(name)}:6443`;
      await bench.kubectl(`${server} get --raw /readyz`);
    }
  });
}

const status = z.array(
  z.object({
    Status: z.object({ header: z.object({ member_id: z.string() }), leader: z.string() }),
    Endpoint: z.string(),
  }),
);

/** The control plane whose etcd member leads. */
export async function etcdLeader(): Promise<string> {
  const pki = "/etc/kubernetes/pki/etcd";
  const tls = `--cacert=${pki}/ca.crt --cert=${pki}/server.crt --key=${pki}/server.key`;
  const etcdctl = `etcdctl --endpoints=https://127.0.0.1:2379 ${tls}`;
  const text = await bench.kubectl(
    `-n kube-system exec etcd-cp1 -- ${etcdctl} endpoint status --cluster -w json`,
  );
  // Ids are too large for numbers.
  const all = status.parse(JSON.parse(text.replace(/:(\d{15,})/g, ':"$1"')));
  const found = all.find(({ Status }) => Status.header.member_id === Status.leader);
  const address = new URL(found?.Endpoint ?? "https://nobody").hostname;
  const name = ["cp1", "cp2", "cp3"].find((one) => bench.addressOf(one) === address);
  if (name === undefined) throw new Error(`etcd tells of no leader: ${text}`);
  return name;
}
