import { ensureArtefacts } from "../../lab/build/artefacts";
import { wipeHost } from "../../lab/hosts/fleet";
import { lines } from "../../lab/output";
import { hostNamed, readStack } from "../../lab/stack";
import { ensureCluster, pulumiUp, stackOutput } from "./support/cluster";
import { nodes } from "./support/nodes";
import { lab } from "./support/stackFile";

beforeAll(ensureCluster);

/** A new machine of that name: an empty disk, new host keys, nothing else. */
async function wipe(name: string): Promise<void> {
  const stack = readStack(lab);
  const { hostImage } = await ensureArtefacts(lines());
  await wipeHost(lab, stack, hostNamed(stack, name, lab), { image: hostImage }, () => undefined);
}

describe("a machine made anew under its old name", () => {
  it.each(["w2", "cp1"])("%s joins again, and the others stay as they are", async (name) => {
    const before = await nodes("cp2");
    await wipe(name);
    const run = await pulumiUp();
    console.log(`${name} made anew: ${run.seconds.toFixed(1)} s`);
    expect(await stackOutput("health")).toMatchObject({ nodes: 5, etcdMembers: 3 });
    for (const node of (await nodes("cp2")).values()) {
      expect(node.ready).toBe(true);
      expect(node.uid === before.get(node.name)?.uid).toBe(node.name !== name);
    }
    expect(run.changed.filter((line) => /\b(cp2|cp3|w1)-/.test(line))).toEqual([]);
  });
});
