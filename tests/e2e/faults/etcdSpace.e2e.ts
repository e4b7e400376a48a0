import { readFileSync, rmSync } from "node:fs";

import { findHostKey } from "../../../config/knownHosts";
import { updateKnownHosts } from "../../../lab/hosts/knownHosts";
import { readStack } from "../../../lab/stack";
import { runbooks, type Runbook } from "../support/runbooks/decidedRunbooks";
import { etcdctl, etcdPki } from "../support/cluster/etcd";
import { etcdHosts, etcdHostsIn, externalCluster } from "../support/suite/external";
import { stepTimes } from "../support/cluster/journal";
import { forwardTo, type Forwarder } from "../support/faults/loopback";
import { nodes } from "../support/cluster/nodes";
import { refusedUp } from "../support/messages/refusal";
import type { Edit } from "../support/suite/stackFile";
import { suite } from "../support/suite/suites";
import { follow, home } from "../support/runbooks/tellRunbooks";
import { toldOf } from "../support/messages/told";

const faults = suite("externalFaults");
const { whole } = externalCluster(faults, "198.18.28.9");

const label = "example.com/written";
/** Where the filling lies: beside Kubernetes' own keys, where the runbook looks. */
const filling = "/registry/e2e-filling/";
const full = "etcdserver: mvcc: database space exceeded";

/** The least that the stack file may say. */
const smallQuota: Edit = (stack) => {
  stack.config["kubeadm-ha:etcd"]["quotaMib"] = 256;
};
/** Something to write: a label of a Node. */
const withLabel: Edit = (stack) => {
  smallQuota(stack);
  const [worker] = stack.config["kubeadm-ha:workers"];
  if (worker !== undefined) worker["labels"] = { [label]: "yes" };
};
/** Another way to the host that steps for all of etcd run on: they run again, and nothing is to change. */
const throughOtherPort: Edit = (stack) => {
  smallQuota(stack);
  for (const { name, ssh } of etcdHostsIn(stack)) {
    if (name === "etcd1") ssh.port = forwarder?.port ?? ssh.port;
  }
};

let forwarder: Forwarder | undefined;

/** Opens the other way, whose host key is the same. */
async function openOtherPort(): Promise<void> {
  const { hosts, knownHosts } = readStack(faults.lab);
  const port = hosts.find(({ name }) => name === "etcd1")?.port ?? 0;
  const key = findHostKey(readFileSync(knownHosts, "utf8"), "127.0.0.1", port);
  if (key === undefined) throw new Error("the key of etcd1 is not known");
  forwarder = await forwardTo(port);
  updateKnownHosts(knownHosts, [{ port: forwarder.port, key }], { only: false });
}

const configMap = (verb: string, name: string): Promise<{ code: number; stderr: string }> =>
  faults.onHost(
    "cp1",
    `kubectl --kubeconfig /etc/kubernetes/admin.conf --request-timeout=20s ${verb} configmap ${name}`,
  );

/** Puts a megabyte after the other until etcd refuses one. @returns how many it took. */
async function fillEtcd(): Promise<number> {
  const tls = `--cacert=${etcdPki}/ca.crt --cert=${etcdPki}/health.crt --key=${etcdPki}/health.key`;
  const put = `/usr/local/bin/etcdctl --endpoints=https://127.0.0.1:2379 ${tls} put ${filling}$i < /run/filling`;
  const script = `head -c 786000 /dev/urandom | base64 -w0 > /run/filling
    for i in {1..400}; do
      ${put} > /run/filled 2>&1 && continue
      rm -f /run/filling
      grep -qF '${full}' /run/filled || { cat /run/filled >&2; exit 1; }
      echo $((i - 1)); exit 0
    done
    echo "etcd takes more than its quota" >&2; exit 1`;
  const result = await faults.onHost("etcd1", script, { timeout: 400 });
  if (result.code !== 0) throw new Error(`etcd1: filling etcd failed:\n${result.stderr}`);
  return Number(result.stdout);
}

/** The two blocks of the runbook: what one looks at, and what gives the space back. */
function runbook(): { readonly look: Runbook; readonly free: Runbook } {
  const [look, free, ...more] = runbooks().filter(({ heading }) => heading === "No space left");
  if (look === undefined || free === undefined || more.length > 0) {
    throw new Error("the runbook does not have two blocks");
  }
  return { look, free };
}

/** What a story that failed has left would keep the next one from its work. */
async function makeSpace(): Promise<void> {
  faults.writeStackFile(smallQuota);
  await etcdctl(faults, "etcd1", `del --prefix ${filling}`);
  if ((await etcdctl(faults, "etcd1", "alarm list")) !== "") await follow(faults, runbook().free);
}

beforeAll(async () => {
  await faults.ensureCluster();
  await whole();
});

afterAll(async () => {
  await makeSpace();
  await faults.ensureCluster();
  await forwarder?.close();
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
    await faults.kubectl("create configmap before-the-alarm");
    await faults.kubectl("create configmap to-be-deleted");
    const count = await fillEtcd();
    console.log(`etcd with a quota of 256 MiB took ${count} values of a megabyte`);
    expect(count).toBeGreaterThan(150);
    expect(await etcdctl(faults, "etcd1", "alarm list")).toContain("alarm:NOSPACE");
    const created = await configMap("create", "during-the-alarm");
    expect(created.code).not.toBe(0);
    expect(created.stderr).toContain(full);
    expect((await configMap("get", "before-the-alarm")).code).toBe(0);
    expect((await configMap("delete", "to-be-deleted")).code).toBe(0);
  });

  it("ends a run that has to write, which leads to the runbook", async () => {
    faults.writeStackFile(withLabel);
    const output = await refusedUp(faults, "a label, and no space in etcd");
    expect(output).toContain(full);
    const { step, remedy } = toldOf(output, "cp1");
    expect(step).toBe("roster");
    expect(remedy).toMatch(/alarm NOSPACE\): follow "No space left" in docs\/operations\.md/);
  });

  it("is named with its members by the step that proves them", async () => {
    await openOtherPort();
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
    const { look, free } = runbook();
    const seen = await follow(faults, look);
    expect(seen).toContain("alarm:NOSPACE");
    // What there is most of, last: it is what nobody needs.
    expect(seen.trim().split("\n").at(-1)).toMatch(/^ *\d+ e2e-filling$/);
    await etcdctl(faults, "etcd1", `del --prefix ${filling}`);
    const begin = performance.now();
    await follow(faults, free);
    console.log(`the runbook's commands: ${((performance.now() - begin) / 1000).toFixed(1)} s`);
    expect(await etcdctl(faults, "etcd1", "alarm list")).toBe("");

    faults.writeStackFile((stack) => {
      withLabel(stack);
      throughOtherPort(stack);
    });
    const run = await faults.pulumiUp();
    console.log(`up after there was space again: ${run.seconds.toFixed(1)} s`);
    expect(run.changed).toContain("updated etcd-roster");
    expect((await nodes(faults)).get("w1")?.labels[label]).toBe("yes");
    expect((await configMap("create", "during-the-alarm")).code).toBe(0);
    for (const name of ["before-the-alarm", "during-the-alarm"]) {
      expect((await configMap("delete", name)).code).toBe(0);
    }
    await whole();
    expect((await faults.pulumiUp(["--expect-no-changes"])).changed).toEqual([]);
  });

  it("goes on with a higher quota, where all that fills it is needed", async () => {
    faults.writeStackFile(smallQuota);
    await faults.pulumiUp();
    await fillEtcd();
    expect((await configMap("create", "with-more-room")).stderr).toContain(full);
    faults.writeStackFile((stack) => {
      stack.config["kubeadm-ha:etcd"]["quotaMib"] = 1024;
    });
    const run = await faults.pulumiUp();
    console.log(`a higher quota, and no space in etcd: ${run.seconds.toFixed(1)} s`);
    expect([...run.changed].sort()).toEqual(etcdHosts.map((name) => `updated ${name}-join`));
    // The alarm stands until somebody takes it away.
    expect((await configMap("create", "with-more-room")).stderr).toContain(full);
    await etcdctl(faults, "etcd1", "alarm disarm");
    expect(await configMap("create", "with-more-room")).toMatchObject({ code: 0 });
    expect((await configMap("delete", "with-more-room")).code).toBe(0);
    await whole();
    expect((await faults.pulumiUp(["--expect-no-changes"])).changed).toEqual([]);
  });
});
