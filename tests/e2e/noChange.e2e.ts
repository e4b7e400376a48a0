import { ensureCluster, pulumiPreview, pulumiUp } from "./support/cluster";
import { sshLoginsOf } from "./support/hosts";

const hosts = ["lb", "cp1", "cp2", "cp3", "w1", "w2"];

beforeAll(ensureCluster);

describe("no change", () => {
  it("a second up changes nothing and contacts no host", async () => {
    const before = await sshLoginsOf(hosts);
    const run = await pulumiUp(["--expect-no-changes"]);
    expect(run.changed).toEqual([]);
    expect(await sshLoginsOf(hosts)).toEqual(before);
  });

  it("preview opens no connection to any host, also when there is something to change", async () => {
    const before = await sshLoginsOf(hosts);
    // The positive control: the journals do show the logins of the run that made the cluster.
    for (const host of hosts) expect(before[host]).toBeGreaterThan(0);
    const unchanged = await pulumiPreview(["--expect-no-changes"]);
    expect(unchanged.changed).toEqual([]);
    const changed = await pulumiPreview(["--diff"], (stack) => {
      Object.assign(stack.config["kubeadm-ha:workers"][0] ?? {}, { zone: "south" });
    });
    expect(changed.output).toContain("topology.kubernetes.io/zone=south");
    expect(await sshLoginsOf(hosts)).toEqual(before);
  });
});
