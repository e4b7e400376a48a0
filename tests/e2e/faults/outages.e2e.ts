import { nodes } from "../support/cluster/nodes";
import { stackedCluster } from "../support/suite/stackedCluster";
import { stackedFaults } from "../support/faults/stackedFaults";
import { suite } from "../support/suite/suites";
import { expectSurvival } from "../support/faults/trials";

const faults = suite("faults");
const { whole } = stackedCluster(faults);

beforeAll(async () => {
  await faults.ensureCluster();
  await whole();
});

describe("no acknowledged write is lost, the API comes back soon, and all is whole again without Pulumi, when", () => {
  it.each(stackedFaults(faults).map((fault) => [fault.name, fault] as const))("%s", (_, fault) =>
    expectSurvival(faults, fault, whole, { trials: 1 }),
  );
});

describe("after all of this", () => {
  it("pulumi up finds nothing to do; a change is carried out, and the cluster verified, as if nothing had happened", async () => {
    await faults.pulumiUp(["--expect-no-changes"]);
    // A run without a change contacts no host.
    faults.writeStackFile((stack) => {
      const [worker] = stack.config["kubeadm-ha:workers"];
      Object.assign(worker ?? {}, { labels: { "example.com/outages": "over" } });
    });
    const { changed } = await faults.pulumiUp(["--replace", "**::faults-verify"]);
    expect(changed).toContain("updated faults-roster");
    expect(changed.join("\n")).toContain("faults-verify");
    expect((await nodes(faults)).get("w1")?.labels).toMatchObject({
      "example.com/outages": "over",
    });
    faults.writeStackFile();
    await faults.pulumiUp();
    await whole();
  });
});
