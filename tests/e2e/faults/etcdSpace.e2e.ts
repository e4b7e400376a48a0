import { rmSync } from "node:fs";

import { etcdPki } from "../support/cluster/etcd";
import { etcdHosts, etcdHostsIn, externalCluster } from "../support/suite/external";
import { stepTimes } from "../support/cluster/journal";
import { etcdSpace, label, withLabel } from "../support/faults/etcdSpace";
import type { Forwarder } from "../support/faults/loopback";
import { openOtherPorts } from "../support/faults/otherPorts";
import { nodes } from "../support/cluster/nodes";
import { refusedUp } from "../support/messages/refusal";
import type { Edit } from "../support/suite/stackFile";
import { suite } from "../support/suite/suites";
import { home } from "../support/runbooks/tellRunbooks";
import { toldOf } from "../support/messages/told";

const faults = suite("externalFaults");
const { whole } = externalCluster(faults, "198.18.28.9");

const space = etcdSpace(faults, {
  on: "etcd1",
  etcdctl: `/usr/local/bin/etcdctl --endpoints=https://127.0.0.1:2379 --cacert=${etcdPki}/ca.crt --cert=${etcdPki}/health.crt --key=${etcdPki}/health.key`,
  heading: "No space left",
});

/** The least that the stack file may say. */
const smallQuota: Edit = (stack) => {
  stack.config["kubeadm-ha:etcd"]["quotaMib"] = 256;
};
/** The same, and something to write. */
const smallWithLabel: Edit = (stack) => {
  smallQuota(stack);
  withLabel(stack);
};
/** Another way to the host that steps for all of etcd run on: they run again, and nothing is to change. */
const throughOtherPort: Edit = (stack) => {
  smallQuota(stack);
  for (const { name, ssh } of etcdHostsIn(stack)) {
    ssh.port = forwarders.get(name)?.port ?? ssh.port;
  }
};

let forwarders: ReadonlyMap<string, Forwarder> = new Map();

beforeAll(async () => {
  await faults.ensureCluster();
  await whole();
});

afterAll(async () => {
  faults.writeStackFile(smallQuota);
  await space.makeSpace();
  await faults.ensureCluster();
  await Promise.all([...forwarders.values()].map((forwarder) => forwarder.close()));
  rmSync(home, { recursive: true, force: true });
  await whole();
});

describe("an etcd without space", () => {
  it("has its quota from the stack file: the members restart one after the other", async () => {
    const begin = Date.now();
    faults.writeStackFile(smallQuota);
    const run = await faults.pulumiUp();
    console.log(`another quota for etcd: ${run.seconds.toFixed(1)} s`);
    expect([...run.changed].sort()).toEqual(etcdHosts.map((name) => `updated ${name}-join`));
    const times = await Promise.all(
      etcdHosts.map((name) => stepTimes(faults, name, "join-etcd", begin)),
    );
    const inTurn = times.sort((a, b) => a.begin - b.begin);
    for (const [i, { begin: next }] of inTurn.entries()) {
      expect(inTurn[i - 1]?.end ?? 0).toBeLessThanOrEqual(next);
    }
    await whole();
  });

  it("refuses writes and raises its alarm; reads and deletions go on", async () => {
    await space.expectFull(150);
  });

  it("ends a run that has to write, which leads to the runbook", async () => {
    faults.writeStackFile(smallWithLabel);
    await space.expectRunRefused();
  });

  it("is named with its members by the step that proves them", async () => {
    forwarders = await openOtherPorts(faults, ["etcd1"]);
    faults.writeStackFile(throughOtherPort);
    const output = await refusedUp(faults, "etcd proved anew, and no space in it");
    const { step, what, remedy } = toldOf(output, "etcd1");
    expect(step).toBe("roster-etcd");
    expect(what).toMatch(/^etcd refuses all writes: alarm NOSPACE on etcd\d/);
    expect(remedy).toMatch(/^etcd is out of space .*"No space left" in docs\/operations\.md/);
    expect(remedy).toMatch(/delete .* compact, defragment every member, disarm the alarm/);
  });

  it("has space again after the runbook, and up goes on from there", async () => {
    faults.writeStackFile(smallQuota);
    const seen = await space.expectFreed();
    // What there is most of, last: it is what nobody needs.
    expect(seen.trim().split("\n").at(-1)).toMatch(/^ *\d+ e2e-filling$/);

    faults.writeStackFile((stack) => {
      smallWithLabel(stack);
      throughOtherPort(stack);
    });
    const run = await faults.pulumiUp();
    console.log(`up after there was space again: ${run.seconds.toFixed(1)} s`);
    expect(run.changed).toContain("updated etcd-roster");
    expect((await nodes(faults)).get("w1")?.labels[label]).toBe("yes");
    await space.expectWritable();
    await whole();
    expect((await faults.pulumiUp(["--expect-no-changes"])).changed).toEqual([]);
  });

  it("goes on with a higher quota, where all that fills it is needed", async () => {
    faults.writeStackFile(smallQuota);
    await faults.pulumiUp();
    await space.fill();
    await space.expectRefused();
    faults.writeStackFile((stack) => {
      stack.config["kubeadm-ha:etcd"]["quotaMib"] = 1024;
    });
    const run = await faults.pulumiUp();
    console.log(`a higher quota, and no space in etcd: ${run.seconds.toFixed(1)} s`);
    expect([...run.changed].sort()).toEqual(etcdHosts.map((name) => `updated ${name}-join`));
    // The alarm stands until somebody takes it away.
    await space.expectRefused();
    await space.etcdctl("alarm disarm");
    await space.expectWritable();
    await whole();
    expect((await faults.pulumiUp(["--expect-no-changes"])).changed).toEqual([]);
  });
});
