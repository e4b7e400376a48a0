import { suite } from "../support/suite/suites";

const stacked = suite("stacked");

const hosts = ["lb", "cp1", "cp2", "cp3", "w1", "w2"];

beforeAll(() => stacked.ensureCluster());

describe("no change", () => {
  it("a second up changes nothing and contacts no host", async () => {
    const before = await stacked.sshLoginsOf(hosts);
    const run = await stacked.pulumiUp(["--expect-no-changes"]);
    expect(run.changed).toEqual([]);
    expect(await stacked.sshLoginsOf(hosts)).toEqual(before);
  });

  it("preview opens no connection to any host, also when there is something to change", async () => {
    const before = await stacked.sshLoginsOf(hosts);
    // The positive control: the journals do show the logins of the run that made the cluster.
    for (const host of hosts) expect(before[host]).toBeGreaterThan(0);
    const unchanged = await stacked.pulumiPreview(["--expect-no-changes"]);
    expect(unchanged.changed).toEqual([]);
    const changed = await stacked.pulumiPreview(["--diff"], (stack) => {
      Object.assign(stack.config["kubeadm-ha:workers"][0] ?? {}, { zone: "south" });
    });
    expect(changed.output).toContain("topology.kubernetes.io/zone=south");
    expect(await stacked.sshLoginsOf(hosts)).toEqual(before);
  });
});
