import { addHosts, ensureCluster, pulumiUp } from "./support/cluster";
import { sshLoginsOf } from "./support/hosts";
import { nodes } from "./support/nodes";
import { withThirdWorker, writeStackFile } from "./support/stackFile";

const others = ["lb", "cp2", "cp3", "w1", "w2"];

beforeAll(ensureCluster);

describe("a worker", () => {
  it("is added and touches only itself, admit, roster and verify", async () => {
    const before = await nodes();
    writeStackFile(withThirdWorker);
    await addHosts();
    const logins = await sshLoginsOf(others);
    const run = await pulumiUp();
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
    expect(await sshLoginsOf(others)).toEqual(logins);
    const after = await nodes();
    expect(after.get("w3")).toMatchObject({ ready: true, labels: { "example.com/disk": "ssd" } });
    for (const [name, { uid }] of before) expect(after.get(name)?.uid).toBe(uid);
  });

  it("is removed by taking its entry away: drained, its Node gone, its host clean", async () => {
    writeStackFile();
    const run = await pulumiUp();
    expect(run.changed).toContain("deleted w3-teardown");
    expect([...(await nodes()).keys()]).not.toContain("w3");
  });
});
