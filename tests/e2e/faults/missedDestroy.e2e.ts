import { nodes } from "../support/cluster/nodes";
import { expectClean } from "../support/hosts/leftovers";
import {
  oneControlPlane,
  small,
  smallHosts,
  smallNodes,
  smallWith,
} from "../support/suite/smallCluster";

/** Other pod addresses than those that the host which was missed still has. */
const otherPodNetwork = smallWith(({ config }) => {
  config["kubeadm-ha:network"] = { podSubnet: "10.245.0.0/16" };
});

beforeAll(() => small.ensureCluster(oneControlPlane));

describe("a host that a destroy does not reach", () => {
  it("is named in a run that ends in bounded time, and the others are clean", async () => {
    await small.outputOf("w1", "systemctl stop ssh.socket ssh.service 2>/dev/null || true");
    const begin = Date.now();
    const output = await small.failingDestroy();
    const seconds = (Date.now() - begin) / 1000;
    console.log(`destroy that misses a host: given up after ${seconds.toFixed(1)} s`);
    expect(seconds).toBeLessThan(120);
    const failed = [...output.matchAll(/Command \((\S+)\):\s+error:/g)].map((found) => found[1]);
    expect(failed).toEqual(["w1-teardown"]);
    expect(output).toContain("connection refused");
    await expectClean(
      small,
      smallHosts.filter((host) => host !== "w1"),
    );
    expect(await small.outputOf("w1", "pgrep -c kubelet")).toBe("1");
  });

  it("is a node of the cluster that the next up makes, with another pod network", async () => {
    await small.outputOf(
      "w1",
      "systemctl start ssh.socket ssh.service 2>/dev/null || systemctl start ssh",
    );
    small.writeStackFile(otherPodNetwork);
    await small.pulumiUp();
    const found = await nodes(small);
    expect([...found.keys()].sort()).toEqual([...smallNodes]);
    for (const { name, ready } of found.values()) expect([name, ready]).toEqual([name, true]);
    const bridge = await small.outputOf("w1", "ip -4 -oneline address show dev cni0");
    expect(bridge).toContain(" 10.245.");
    expect((await small.pulumiUp(["--expect-no-changes"])).changed).toEqual([]);
  });

  it("is clean like the others once a destroy reaches it", async () => {
    await small.pulumiDestroy();
    await expectClean(small, smallHosts);
  });
});
