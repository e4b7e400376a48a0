import { expectClean, filterRules, leftovers } from "../support/hosts/leftovers";
import { nodes } from "../support/cluster/nodes";
import { suite } from "../support/suite/suites";

const stacked = suite("stacked");

const members = ["cp1", "cp2", "cp3", "w1", "w2"];

beforeAll(() => stacked.ensureCluster());

describe("destroy", () => {
  it("leaves clean hosts", async () => {
    // The positive control: what is looked for is there while the cluster is.
    expect(await leftovers(stacked, "cp1")).toMatch(/kubelet[^]*flannel/);
    expect(await filterRules(stacked, "cp1")).toBeGreaterThan(10);
    const run = await stacked.pulumiDestroy();
    console.log(`destroy: ${run.seconds.toFixed(1)} s`);
    await expectClean(stacked, [...members, "lb"]);
  });

  it("and a following up works at once", async () => {
    const run = await stacked.pulumiUp();
    console.log(`up after destroy: ${run.seconds.toFixed(1)} s`);
    const found = await nodes(stacked);
    expect([...found.keys()].sort()).toEqual(members);
    for (const node of found.values()) expect(node.ready).toBe(true);
  });
});
