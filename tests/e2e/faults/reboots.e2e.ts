import { eventually } from "../support/eventually";
import { powerOff, powerOn, reboot } from "../support/faults/machines";
import { nodes } from "../support/cluster/nodes";
import { balancer, controlPlanes, stackedCluster } from "../support/suite/stackedCluster";
import { suite } from "../support/suite/suites";
import { expectSurvival } from "../support/faults/trials";
import { startWriter } from "../support/writes/writer";
import { acknowledged } from "../support/writes/writes";

const faults = suite("faults");
const { whole, nodeReady } = stackedCluster(faults);
const hosts = [balancer, ...controlPlanes, "w1", "w2"];

/** Seconds without an API that the only balancer may leave while it restarts. */
const withoutBalancer = 60;

beforeAll(async () => {
  await faults.ensureCluster();
  await whole();
});

/** Reboots hosts and makes sure that they were: their systemd has begun anew. */
async function rebooted(names: readonly string[]): Promise<void> {
  const before = await Promise.all(names.map(bootOf));
  await reboot(faults, names);
  const after = await Promise.all(names.map(bootOf));
  names.forEach((name, i) => {
    if (after[i] === before[i]) throw new Error(`${name} has not been rebooted`);
  });
}

const bootOf = (host: string): Promise<string> =>
  faults.outputOf(host, "systemctl show --value --property UserspaceTimestampMonotonic");

/** A write of its own each time: what was applied before is changed. */
async function writeOnce(): Promise<void> {
  const metadata = { name: "rebooted", namespace: "default" };
  const data = { at: String(Date.now()) };
  const input = JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata, data });
  await faults.kubectl("apply -f -", { input });
}

describe("every host rebooted at once", () => {
  it("is the same cluster again, with every acknowledged write, without Pulumi", async () => {
    const uids = async (): Promise<string[]> =>
      [...(await nodes(faults)).values()].map((n) => n.uid);
    const before = await uids();
    // It writes until its own host goes down.
    const writer = await startWriter(faults, { on: "w1", lasting: true });
    await writer.steady(Date.now(), 50);
    const begin = Date.now();
    const since = (): string => ((Date.now() - begin) / 1000).toFixed(1);
    await rebooted(hosts);
    const hostsBack = since();
    await eventually(180, writeOnce);
    const [writtenAt, apiBack] = [Date.now(), since()];
    await whole(300);
    const wholeBack = since();
    await faults.kubectl("--namespace default delete configmap rebooted");
    const report = await writer.stop();
    const last = Math.max(...report.writes.filter(acknowledged).map(({ end }) => end));
    console.log(
      `gap: every host rebooted at once: ${((writtenAt - last) / 1000).toFixed(1)} s; after the order: hosts back after ` +
        `${hostsBack} s, the first write after ${apiBack} s, whole again after ${wholeBack} s; ` +
        `${report.acknowledged} of ${report.attempted} acknowledged, ${report.lost.length} lost`,
    );
    expect(report.lost).toEqual([]);
    expect(report.acknowledged).toBeGreaterThan(50);
    expect(await uids()).toEqual(before);
  });
});

describe("no acknowledged write is lost, and all is whole again without Pulumi, when", () => {
  it.each(hosts)("%s is rebooted alone", (name) =>
    expectSurvival(faults, { name: `${name} rebooted`, strike: () => rebooted([name]) }, whole, {
      trials: 1,
      writerOn: name === "w1" ? "w2" : "w1",
      ...(name === balancer && { gap: withoutBalancer }),
    }),
  );

  it.each(controlPlanes)("w1 is restarted while %s is down: it is Ready without it", (down) => {
    const living = controlPlanes.find((name) => name !== down) ?? "";
    return expectSurvival(
      faults,
      {
        name: `w1 restarted while ${down} is down`,
        async strike() {
          await powerOff(faults, down);
          const begin = Date.now();
          await rebooted(["w1"]);
          await nodeReady("w1", { on: living });
          console.log(
            `w1 is Ready ${((Date.now() - begin) / 1000).toFixed(1)} s after its restart began`,
          );
          expect((await faults.onHost(down, "true")).code).not.toBe(0);
        },
        mend: () => powerOn(faults, down),
      },
      whole,
      { trials: 1, writerOn: "w2" },
    );
  });
});
