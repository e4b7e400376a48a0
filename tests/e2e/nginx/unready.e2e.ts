import { setTimeout as pause } from "node:timers/promises";

import { nodes } from "../support/cluster/nodes";
import { refuse, refuseNoMore } from "../support/faults/refusingServer";
import { said, strikeDuringUp } from "../support/faults/struckRun";
import type { Edit } from "../support/suite/stackFile";
import { suite } from "../support/suite/suites";

const nginx = suite("nginx");

/** A second worker. */
const withSecondWorker: Edit = (stack) => {
  stack.config["kubeadm-ha:workers"].push(nginx.hostEntry("w2", 22));
};

/** Two of three: nginx, which has no checks, leads most requests there. */
const unready = ["cp2", "cp3"];

/** How long the join has to do with them. A real API server takes a fraction of a second, or some on a slow host. */
const seconds = 10;

beforeAll(() => nginx.ensureCluster());

describe("a worker that joins while two of three API servers are not ready yet", () => {
  it("is refused, begins again, and is a member in the same run", async () => {
    nginx.writeStackFile(withSecondWorker);
    await nginx.addHosts();
    for (const name of unready) await refuse(nginx, name);
    let refused = 0;
    const joining = said(nginx, "w2", "join: kubeadm join");
    const { code, output } = await strikeDuringUp(nginx, joining, async () => {
      await pause(seconds * 1000);
      for (const name of unready) refused += (await refuseNoMore(nginx, name)).length;
    });
    console.log(`requests that were refused: ${refused}`);
    expect({ code, output }).toMatchObject({ code: 0 });
    expect(refused).toBeGreaterThan(0);
    expect((await nodes(nginx)).get("w2")).toMatchObject({ ready: true });
  });

  // Whatever came of it: the stories that follow have the same cluster.
  afterAll(() => Promise.all(unready.map((name) => refuseNoMore(nginx, name))));

  it("leaves nothing to do for the next run", async () => {
    expect((await nginx.pulumiUp(["--expect-no-changes"])).changed).toEqual([]);
  });
});
