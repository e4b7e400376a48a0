import { externalCluster } from "../support/suite/external";
import { externalFaults } from "../support/faults/externalFaults";
import { suite } from "../support/suite/suites";
import { expectSurvival, expectUsualRuns } from "../support/faults/trials";

const faults = suite("externalFaults");
const cluster = externalCluster(faults, "198.18.28.9");
const whole = (): Promise<void> => cluster.whole();

beforeAll(async () => {
  await faults.ensureCluster();
  await whole();
});

describe("no acknowledged write is lost, the API comes back soon, and all is whole again without Pulumi, when", () => {
  it.each(externalFaults(faults, cluster).map((fault) => [fault.name, fault] as const))(
    "%s",
    (_, fault) => expectSurvival(faults, fault, whole),
  );
});

describe("after all of this", () => {
  it("pulumi up finds nothing to do; a change is carried out, and the cluster verified, as if nothing had happened", () =>
    expectUsualRuns(faults, whole));
});
