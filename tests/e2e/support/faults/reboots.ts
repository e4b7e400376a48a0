import { eventually } from "../eventually";
import { nodes } from "../cluster/nodes";
import { reboot } from "./machines";
import type { Suite } from "../suite/suite";
import { startWriter } from "../writes/writer";
import { acknowledged } from "../writes/writes";

/** Reboots hosts, all at once, and makes sure that they were: their systemd has begun anew. @throws where one's has not. */
export async function rebooted(suite: Suite, names: readonly string[]): Promise<void> {
  const bootOf = (host: string): Promise<string> =>
    suite.outputOf(host, "systemctl show --value --property UserspaceTimestampMonotonic");
  const before = await Promise.all(names.map(bootOf));
  await reboot(suite, names);
  const after = await Promise.all(names.map(bootOf));
  names.forEach((name, i) => {
    if (after[i] === before[i]) throw new Error(`${name} has not been rebooted`);
  });
}

/** A cluster of which every host is rebooted. */
export interface RebootedCluster {
  /** All its hosts; `w1` is a worker. */
  readonly hosts: readonly string[];
  /** Waits until everything is as it should be. @param seconds how long at most. */
  readonly whole: (seconds: number) => Promise<void>;
  /** What has to be the same afterwards, beside the Nodes. Default: nothing. */
  readonly identity?: () => Promise<unknown>;
}

/** Reboots every host at once: it is the same cluster again, with every acknowledged write, without Pulumi. */
export async function expectSameCluster(
  suite: Suite,
  { hosts, whole, identity }: RebootedCluster,
): Promise<void> {
  const identities = async (): Promise<unknown> => ({
    uids: [...(await nodes(suite)).values()].map(({ uid }) => uid),
    others: await identity?.(),
  });
  const before = await identities();
  // It writes until its own host goes down.
  const writer = await startWriter(suite, { on: "w1", lasting: true });
  await writer.steady(Date.now(), 50);
  const begin = Date.now();
  const since = (): string => ((Date.now() - begin) / 1000).toFixed(1);
  await rebooted(suite, hosts);
  const hostsBack = since();
  await eventually(180, () => writeOnce(suite));
  const [writtenAt, apiBack] = [Date.now(), since()];
  await whole(300);
  const wholeBack = since();
  await suite.kubectl("--namespace default delete configmap rebooted");
  const report = await writer.stop();
  const last = Math.max(...report.writes.filter(acknowledged).map(({ end }) => end));
  console.log(
    `gap: every host rebooted at once: ${((writtenAt - last) / 1000).toFixed(1)} s; after the order: hosts back after ` +
      `${hostsBack} s, the first write after ${apiBack} s, whole again after ${wholeBack} s; ` +
      `${report.acknowledged} of ${report.attempted} acknowledged, ${report.lost.length} lost`,
  );
  expect(report.lost).toEqual([]);
  expect(report.acknowledged).toBeGreaterThan(50);
  expect(await identities()).toEqual(before);
}

/** A write of its own each time: what was applied before is changed. */
async function writeOnce(suite: Suite): Promise<void> {
  const metadata = { name: "rebooted", namespace: "default" };
  const data = { at: String(Date.now()) };
  const input = JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata, data });
  await suite.kubectl("apply -f -", { input });
}
