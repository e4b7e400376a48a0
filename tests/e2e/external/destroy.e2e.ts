import { clusterIds, members } from "../support/etcd";
import {
  allHosts,
  balancers,
  etcdHosts,
  external,
  nodeNames,
  virtualIp,
  whole,
} from "../support/external";
import { nodes } from "../support/nodes";

/** Everything of ours that a host still has beside what cluster nodes are looked at for in the stacked story. */
const leftovers = [
  "ps -eo comm= | grep -E '^(kube|etcd|containerd|haproxy|keepalived)' || true",
  "find /etc/etcd /opt/etcd /var/lib/etcd /etc/kubernetes /var/lib/kubeadm-ha /usr/local/lib/kubeadm-ha /etc/haproxy /etc/keepalived -mindepth 1 2>/dev/null || true",
  "ls /etc/systemd/system/etcd.service /usr/local/bin/etcd* 2>/dev/null || true",
  "getent passwd etcd || true",
  "dpkg-query -W -f '${Package}\\n' haproxy keepalived kubelet 2>/dev/null || true",
  `ip -4 -oneline address show | grep -F ' ${virtualIp}/' || true`,
].join("; ");

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
    expect(await external.outputOf("etcd1", leftovers)).toContain("/var/lib/etcd/member");
    expect(await external.outputOf("lb1", leftovers)).toMatch(/haproxy[^]*keepalived/);
    const run = await external.pulumiDestroy();
    console.log(`destroy with external etcd: ${run.seconds.toFixed(1)} s`);
    for (const host of allHosts) {
      expect(`${host}: ${await external.outputOf(host, leftovers)}`).toBe(`${host}: `);
    }
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
