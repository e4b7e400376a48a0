import { clusterIds, members } from "../support/cluster/etcd";
import {
  allHosts,
  balancers,
  etcdHosts,
  external,
  nodeNames,
  virtualIp,
  whole,
} from "../support/suite/external";
import { expectClean, leftovers } from "../support/hosts/leftovers";
import { nodes } from "../support/cluster/nodes";

beforeAll(async () => {
  await external.ensureCluster();
  await whole();
});

describe("destroy", () => {
  let cluster: readonly string[];

  it("leaves clean hosts, etcd's data among what is gone", async () => {
    cluster = await clusterIds(external, "etcd1");
    await external.kubectl("create namespace of-the-old-cluster");
    // The positive control: what is looked for is there while the cluster is.
    expect(await leftovers(external, "etcd1", virtualIp)).toContain("/var/lib/etcd/member");
    expect(await leftovers(external, "lb1", virtualIp)).toMatch(/haproxy[^]*keepalived/);
    const run = await external.pulumiDestroy();
    console.log(`destroy with external etcd: ${run.seconds.toFixed(1)} s`);
    await expectClean(external, allHosts, virtualIp);
  });

  it("and a following up founds a new cluster, which has nothing of the old one", async () => {
    const run = await external.pulumiUp();
    console.log(`up after destroy with external etcd: ${run.seconds.toFixed(1)} s`);
    expect([...(await nodes(external)).keys()].sort()).toEqual(nodeNames);
    expect((await members(external, "etcd1")).map(({ name }) => name)).toEqual(etcdHosts);
    expect(await clusterIds(external, "etcd1")).not.toEqual(cluster);
    const namespaces = await external.kubectl("get namespaces -o name");
    expect(namespaces).toContain("namespace/kube-system");
    expect(namespaces).not.toContain("of-the-old-cluster");
    await whole();
    expect(balancers).toHaveLength(2);
  });
});
