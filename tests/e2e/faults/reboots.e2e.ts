import { powerOff, powerOn } from "../support/faults/machines";
import { expectSameCluster, rebooted } from "../support/faults/reboots";
import { balancer, controlPlanes, stackedCluster } from "../support/suite/stackedCluster";
import { suite } from "../support/suite/suites";
import { expectSurvival } from "../support/faults/trials";

const faults = suite("faults");
const { whole, nodeReady } = stackedCluster(faults);
const hosts = [balancer, ...controlPlanes, "w1", "w2"];

/** Seconds without an API that the only balancer may leave while it restarts. */
const withoutBalancer = 60;

beforeAll(async () => {
  await faults.ensureCluster();
  await whole();
});

describe("every host rebooted at once", () => {
  it("is the same cluster again, with every acknowledged write, without Pulumi", () =>
    expectSameCluster(faults, { hosts, whole }));
});

describe("no acknowledged write is lost, and all is whole again without Pulumi, when", () => {
  it.each(hosts)("%s is rebooted alone", (name) =>
    expectSurvival(
      faults,
      { name: `${name} rebooted`, strike: () => rebooted(faults, [name]) },
      whole,
      {
        writerOn: name === "w1" ? "w2" : "w1",
        ...(name === balancer && { gap: withoutBalancer }),
      },
    ),
  );

  it.each(controlPlanes)("w1 is restarted while %s is down: it is Ready without it", (down) => {
    const living = controlPlanes.find((name) => name !== down) ?? "";
    return expectSurvival(
      faults,
      {
        name: `w1 restarted while ${down} is down`,
        async strike() {
          await powerOff(faults, down);
          const begin = Date.now();
          await rebooted(faults, ["w1"]);
          await nodeReady("w1", { on: living });
          console.log(
            `w1 is Ready ${((Date.now() - begin) / 1000).toFixed(1)} s after its restart began`,
          );
          expect((await faults.onHost(down, "true")).code).not.toBe(0);
        },
        mend: () => powerOn(faults, down),
      },
      whole,
      { writerOn: "w2" },
    );
  });
});

describe("after all of this", () => {
  it("pulumi up finds nothing to do", async () => {
    expect((await faults.pulumiUp(["--expect-no-changes"])).changed).toEqual([]);
  });
});
