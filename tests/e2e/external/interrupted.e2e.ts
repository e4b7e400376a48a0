import { clusterIds, members } from "../support/cluster/etcd";
import { etcdHosts, external, nodeNames, whole } from "../support/suite/external";
import { nodes } from "../support/cluster/nodes";
import { killDuringUp } from "../support/faults/interruption";

describe("Pulumi killed while etcd is being formed", () => {
  it("leaves the hosts as they are, and the next up goes on from there to one cluster of three", async () => {
    external.writeStackFile();
    await external.freshHosts();
    await killDuringUp(external, {
      on: "etcd2",
      line: "join-etcd: learner added",
      before: "join-etcd: promoted",
      resource: "etcd2-join",
    });
    const run = await external.pulumiUp();
    console.log(`up after Pulumi was killed: ${run.seconds.toFixed(1)} s`);
    const found = await members(external, "etcd1");
    expect(found.map(({ name }) => name)).toEqual(etcdHosts);
    for (const member of found) expect(member).toMatchObject({ started: true, learner: false });
    expect(await clusterIds(external, "etcd1")).toHaveLength(1);
    expect([...(await nodes(external)).keys()].sort()).toEqual(nodeNames);
    await whole();
  });

  it("and has nothing left to do after that", async () => {
    expect((await external.pulumiUp(["--expect-no-changes"])).changed).toEqual([]);
  });
});
