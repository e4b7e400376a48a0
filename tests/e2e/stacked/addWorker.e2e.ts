import { nodes } from "../support/cluster/nodes";
import type { Edit } from "../support/suite/stackFile";
import { suite } from "../support/suite/suites";

const stacked = suite("stacked");

/** A third worker, which joins the two. */
const withThirdWorker: Edit = (stack) => {
  const third = { ...stacked.hostEntry("w3", 23), labels: { "example.com/disk": "ssd" } };
  stack.config["kubeadm-ha:workers"].push(third);
};

const others = ["lb", "cp2", "cp3", "w1", "w2"];

beforeAll(() => stacked.ensureCluster());

describe("a worker", () => {
  it("is added and touches only itself, admit, roster and verify", async () => {
    const before = await nodes(stacked);
    stacked.writeStackFile(withThirdWorker);
    await stacked.addHosts();
    const logins = await stacked.sshLoginsOf(others);
    const run = await stacked.pulumiUp();
    console.log(`a worker added: ${run.seconds.toFixed(1)} s`);
    expect([...run.changed].sort()).toEqual(
      [
        "created w3-preflight",
        "created w3-teardown",
        "created w3-prepare",
        "created w3-trust",
        "created w3-join",
        "updated e2e-admit",
        "updated e2e-roster",
        "updated e2e-verify",
      ].sort(),
    );
    expect(await stacked.sshLoginsOf(others)).toEqual(logins);
    const after = await nodes(stacked);
    expect(after.get("w3")).toMatchObject({ ready: true, labels: { "example.com/disk": "ssd" } });
    for (const [name, { uid }] of before) expect(after.get(name)?.uid).toBe(uid);
  });

  it("is removed by taking its entry away: drained, its Node gone, its host clean", async () => {
    stacked.writeStackFile();
    const run = await stacked.pulumiUp();
    expect(run.changed).toContain("deleted w3-teardown");
    expect([...(await nodes(stacked)).keys()]).not.toContain("w3");
  });
});
