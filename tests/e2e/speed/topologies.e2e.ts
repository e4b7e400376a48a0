import { nodes } from "../support/cluster/nodes";
import type { Suite } from "../support/suite/suite";
import { suite } from "../support/suite/suites";

const stacked = suite("stacked");
const external = suite("external");

/** Seconds that `pulumi up` takes on hosts that nobody has used before. */
async function bringUp(cluster: Suite): Promise<number> {
  await cluster.freshHosts();
  const { seconds } = await cluster.pulumiUp();
  const found = await nodes(cluster);
  expect([...found.keys()].sort()).toEqual(["cp1", "cp2", "cp3", "w1", "w2"]);
  for (const node of found.values()) expect(node.ready).toBe(true);
  await cluster.removeHosts();
  return seconds;
}

describe("bring-up of both topologies in one run", () => {
  it("three stacked control planes and two workers; the same with three etcd hosts of their own", async () => {
    stacked.writeStackFile();
    const before = await bringUp(stacked);
    // As near to the other as can be: one balancer, without a virtual IP.
    external.writeStackFile(({ config }) => {
      const balancer = config["kubeadm-ha:loadBalancer"];
      balancer.hosts = balancer.hosts?.slice(0, 1) ?? [];
      delete balancer["virtualIp"];
      config["kubeadm-ha:controlPlanes"].push(external.hostEntry("cp3", 13));
      config["kubeadm-ha:workers"].push(external.hostEntry("w2", 22));
    });
    const seconds = await bringUp(external);
    console.log(
      `bring-up: stacked 3+2 ${before.toFixed(1)} s; 3 etcd + 3+2 ${seconds.toFixed(1)} s; ratio ${(seconds / before).toFixed(2)}`,
    );
  });
});
