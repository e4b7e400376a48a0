import { clusterIds, members } from "../support/cluster/etcd";
import { allHosts, externalCluster } from "../support/suite/external";
import { expectSameCluster, rebooted } from "../support/faults/reboots";
import { suite } from "../support/suite/suites";
import { expectSurvival } from "../support/faults/trials";

const faults = suite("externalFaults");
const { whole } = externalCluster(faults, "198.18.28.9");

beforeAll(async () => {
  await faults.ensureCluster();
  await whole();
});

describe("every host rebooted at once", () => {
  it("is the same cluster again, of the same etcd members, with every acknowledged write, without Pulumi", () =>
    expectSameCluster(faults, {
      hosts: allHosts,
      whole: (seconds) => whole(undefined, seconds),
      identity: async () => ({
        members: await members(faults, "etcd1"),
        clusters: await clusterIds(faults, "etcd1"),
      }),
    }));
});

describe("no acknowledged write is lost, and all is whole again without Pulumi, when", () => {
  it.each(allHosts)("%s is rebooted alone", (name) =>
    expectSurvival(
      faults,
      { name: `${name} rebooted`, strike: () => rebooted(faults, [name]) },
      () => whole(),
      // The only worker's place is taken by a control plane: the writer needs no more than kubectl.
      { writerOn: name === "w1" ? "cp2" : "w1" },
    ),
  );
});

describe("after all of this", () => {
  it("pulumi up finds nothing to do", async () => {
    expect((await faults.pulumiUp(["--expect-no-changes"])).changed).toEqual([]);
  });
});
