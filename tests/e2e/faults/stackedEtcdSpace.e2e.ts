import { rmSync } from "node:fs";

import { nodes } from "../support/cluster/nodes";
import { eventually } from "../support/eventually";
import { etcdSpace, label, withLabel } from "../support/faults/etcdSpace";
import { runbooks } from "../support/runbooks/decidedRunbooks";
import { follow, home } from "../support/runbooks/tellRunbooks";
import { controlPlanes, stackedCluster } from "../support/suite/stackedCluster";
import { suite } from "../support/suite/suites";

const faults = suite("faults");
const { whole } = stackedCluster(faults);

const pki = "/etc/kubernetes/pki/etcd";
const space = etcdSpace(faults, {
  on: "cp1",
  // The program of the pod, but past the API, which may not know the pod.
  etcdctl: `/proc/$(pgrep -x etcd)/root/usr/local/bin/etcdctl --endpoints=https://127.0.0.1:2379 --cacert=${pki}/ca.crt --cert=${pki}/server.crt --key=${pki}/server.key`,
  heading: "Stacked etcd out of space",
});

/** Far above what the cluster itself needs, and far below etcd's own 2 GiB: in MiB. */
const quota = 128;
const argument = `--quota-backend-bytes=${quota * 1024 * 1024}`;

const manifest = "/etc/kubernetes/manifests/etcd.yaml";
/** Beside the folder that the kubelet watches, so that the file comes into it whole. */
const draft = "/etc/kubernetes/etcd.story";
/** kubeadm's own manifest: not in that folder either, where it would be run, too. */
const original = "/etc/kubernetes/etcd.original";

/** Gives a member the low quota. */
async function lower(host: string): Promise<void> {
  const edit = `sed 's/^\\( *\\)- etcd$/&\\n\\1- ${argument}/' ${original} > ${draft}`;
  await faults.outputOf(
    host,
    `umask 077; cp -p ${manifest} ${original} && ${edit} && mv ${draft} ${manifest}`,
  );
  await serves(host, (command) => command.includes(argument));
}

/** Gives a member its own quota back; harmless where it has it. */
async function restore(host: string): Promise<void> {
  const kept = await faults.outputOf(host, `ls ${original} 2>/dev/null || true`);
  if (kept === "") return;
  await faults.outputOf(host, `cp -p ${original} ${draft} && mv ${draft} ${manifest}`);
  await serves(host, (command) => !command.includes("--quota-backend-bytes"));
  await faults.outputOf(host, `rm ${original}`);
}

/** Waits until a member runs with such a command line, and it and the API server beside it serve: with an alarm or without. */
async function serves(host: string, isMeant: (command: string) => boolean): Promise<void> {
  await eventually(240, async () => {
    const command = await faults.outputOf(
      host,
      "tr '\\0' ' ' < /proc/$(pgrep -x etcd)/cmdline && curl -sSfm 5 -o /dev/null 'http://127.0.0.1:2381/health?exclude=NOSPACE' && curl -sSkfm 5 -o /dev/null https://127.0.0.1:6443/readyz",
    );
    if (!isMeant(command)) throw new Error(`${host}: etcd still runs as ${command}`);
  });
}

/** Waits until the API has all of etcd's pods: it may lose those that begin while it cannot write them down. */
async function allListed(): Promise<void> {
  await eventually(180, async () => {
    const pods = await faults.kubectl("-n kube-system get pods -l component=etcd -o name");
    if (pods.split("\n").filter(Boolean).length !== controlPlanes.length) {
      throw new Error(`the API does not have every pod of etcd, but:\n${pods}`);
    }
  });
}

/** Takes back what stories have done to etcd. */
async function mend(): Promise<void> {
  for (const host of controlPlanes) await restore(host);
  await space.etcdctl("alarm disarm");
  await allListed();
  await space.makeSpace();
}

beforeAll(async () => {
  await faults.ensureCluster();
  // A run that was cut off may have left it.
  await mend();
  await whole();
});

afterAll(async () => {
  await mend();
  await faults.ensureCluster();
  rmSync(home, { recursive: true, force: true });
  await whole();
});

describe("a stacked etcd without space", () => {
  it("has its quota from its manifests: the members begin anew, one after the other", async () => {
    for (const host of controlPlanes) await lower(host);
    await whole();
  });

  it("refuses writes and raises its alarm; reads and deletions go on", async () => {
    await space.expectFull(50);
  });

  it("ends a run that has to write, which leads to the runbook", async () => {
    faults.writeStackFile(withLabel);
    await space.expectRunRefused();
  });

  it("has space again after the runbook, and up goes on from there", async () => {
    await space.expectFreed();
    const run = await faults.pulumiUp();
    console.log(`up after there was space again: ${run.seconds.toFixed(1)} s`);
    expect(run.changed).toContain("updated faults-roster");
    expect((await nodes(faults)).get("w1")?.labels[label]).toBe("yes");
    await space.expectWritable();
    await whole();
    expect((await faults.pulumiUp(["--expect-no-changes"])).changed).toEqual([]);
  });

  it("goes on with a higher quota in its manifests, where all that fills it is needed", async () => {
    await space.fill();
    await space.expectRefused();
    for (const host of controlPlanes) await restore(host);
    // The alarm stands until somebody takes it away.
    await space.expectRefused();
    const blocks = runbooks().filter(
      ({ heading }) => heading === "A higher quota for stacked etcd",
    );
    expect(blocks).toHaveLength(1);
    for (const block of blocks) await follow(faults, block);
    await space.expectWritable();
    await allListed();
    await whole();
    expect((await faults.pulumiUp(["--expect-no-changes"])).changed).toEqual([]);
  });
});
