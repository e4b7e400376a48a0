import { wipe } from "../support/faults/machines";
import { nodes } from "../support/cluster/nodes";
import { suite } from "../support/suite/suites";

const stacked = suite("stacked");

beforeAll(() => stacked.ensureCluster());

describe("a machine made anew under its old name", () => {
  it.each(["w2", "cp1"])("%s joins again, and the others stay as they are", async (name) => {
    const before = await nodes(stacked, "cp2");
    await wipe(stacked, name);
    const run = await stacked.pulumiUp();
    console.log(`${name} made anew: ${run.seconds.toFixed(1)} s`);
    expect(await stacked.stackOutput("health")).toMatchObject({ nodes: 5, etcdMembers: 3 });
    for (const node of (await nodes(stacked, "cp2")).values()) {
      expect(node.ready).toBe(true);
      expect(node.uid === before.get(node.name)?.uid).toBe(node.name !== name);
    }
    expect(run.changed.filter((line) => /\b(cp2|cp3|w1)-/.test(line))).toEqual([]);
  });
});
