import { journal } from "../support/cluster/journal";
import { nodes } from "../support/cluster/nodes";
import { refusedUp } from "../support/messages/refusal";
import { smallDisk } from "../support/faults/smallDisk";
import { stackedCluster } from "../support/suite/stackedCluster";
import type { Edit } from "../support/suite/stackFile";
import { suite } from "../support/suite/suites";
import { toldOf } from "../support/messages/told";

const faults = suite("faults");
const { whole } = stackedCluster(faults);

/** A worker that comes to the cluster. */
const host = "w3";
const withThirdWorker: Edit = (stack) => {
  stack.config["kubeadm-ha:workers"].push(faults.hostEntry(host, 23));
};

/** What a join writes to below /var, the container runtime apart: it has a volume of its own on the lab's hosts. */
const kubelets = "/var/lib/kubelet";
const ours = ["/var/lib/kubeadm-ha", "/var/log/kubeadm-ha"];
const disk = smallDisk(faults, host);

beforeAll(async () => {
  await faults.ensureCluster();
  await whole();
  faults.writeStackFile(withThirdWorker);
  await faults.addHosts();
  await disk.attach([kubelets, ...ours]);
});

afterAll(async () => {
  // A teardown removes folders, which cannot be done with mount points.
  await disk.giveBack(ours);
  await faults.ensureCluster();
  await whole();
});

/** The message says where there is no room and that it is what one has to make, whatever kubeadm could still say. */
function expectFullDiskTold(output: string): void {
  const { step, remedy } = toldOf(output, host);
  expect(step).toBe("join");
  expect(output).toMatch(/no space left on device: .*\/var\/lib\/kubelet \(\d+ KiB free\)/);
  expect(remedy).toMatch(/^make room there, then run Pulumi again/);
}

describe("the disk of a host that joins", () => {
  it("becomes full while kubeadm is at work: the run ends, and says which host's disk it is", async () => {
    const before = [...(await nodes(faults)).keys()];
    const begin = Date.now();
    await disk.fillWhen("join: kubeadm join");
    const output = await refusedUp(faults, "a full disk during a join");
    // It was there that it became full: everything before was done.
    expect(await disk.free()).toBeLessThan(1024);
    const lines = (await journal(faults, host, begin)).map(([, text]) => text);
    expect(lines).toEqual(
      expect.arrayContaining(["prepare-node: end", "trust-worker: end", "join: kubeadm join"]),
    );
    expect(lines).not.toContain("join: kubeadm join has ended");
    expectFullDiskTold(output);
    expect([...(await nodes(faults)).keys()]).toEqual(before);
  });

  it("is full still: the next run says the same", async () => {
    expectFullDiskTold(await refusedUp(faults, "a disk that is full still"));
  });

  it("has room again: up completes the join, and nothing had to be cleaned", async () => {
    await disk.makeRoom();
    const run = await faults.pulumiUp();
    console.log(`up after there was room again: ${run.seconds.toFixed(1)} s`);
    await whole();
    expect((await nodes(faults)).get(host)).toMatchObject({ ready: true });
    expect((await faults.pulumiUp(["--expect-no-changes"])).changed).toEqual([]);
  });
});
