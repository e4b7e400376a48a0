import { clusterIds, members } from "../support/cluster/etcd";
import { etcdHosts, external, whole } from "../support/suite/external";
import { rebooted } from "../support/faults/reboots";
import { startWriter } from "../support/writes/writer";

/** Seconds without an acknowledged write, at most: hosts shut down, start again, and elect a leader. */
const longest = 90;

beforeAll(async () => {
  await external.ensureCluster();
  await whole();
});

describe("all etcd hosts rebooted at once", () => {
  it("come back as the same cluster with all data, without Pulumi", async () => {
    const before = await members(external, "etcd1");
    const cluster = await clusterIds(external, "etcd1");
    const writer = await startWriter(external, { on: "w1" });
    const begin = Date.now();
    await rebooted(external, etcdHosts);
    await writer.steady(Date.now());
    const seconds = (Date.now() - begin) / 1000;
    const { lost, acknowledged, gap } = await writer.stop();
    console.log(
      `all etcd hosts rebooted: writes again after ${seconds.toFixed(1)} s; gap: ${gap.toFixed(1)} s, ${acknowledged} acknowledged, ${lost.length} lost`,
    );
    expect(lost).toEqual([]);
    expect(acknowledged).toBeGreaterThan(30);
    expect(gap).toBeLessThan(longest);
    expect(await members(external, "etcd1")).toEqual(before);
    expect(await clusterIds(external, "etcd1")).toEqual(cluster);
    await whole();
  });
});
