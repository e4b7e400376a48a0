import { nodes } from "../support/cluster/nodes";
import { byHand, suite } from "../support/suite/suites";

const matrix = suite("matrix");

/** A load balancer as somebody else may have made it: HAProxy without any check, by hand. */
const haproxyByHand = `
defaults
  mode tcp
  timeout connect 2s
  timeout client 10m
  timeout server 10m
listen api
  bind *:7443
  server cp1 ${"198.18.14.11"}:6443
`;

describe("a load balancer that is there already", () => {
  it("is made by hand, on a host that the stack does not know", async () => {
    byHand.writeStackFile(({ config }) => {
      const [host] = config["kubeadm-ha:loadBalancer"].hosts ?? [];
      config["kubeadm-ha:loadBalancer"].hosts = host === undefined ? [] : [{ ...host, name: "lb" }];
      config["kubeadm-ha:etcd"] = { topology: "stacked" };
      config["kubeadm-ha:controlPlanes"] = [];
      config["kubeadm-ha:workers"] = [];
    });
    await byHand.freshHosts();
    await byHand.outputOf(
      "lb",
      "printf 'deb [trusted=yes] http://198.18.255.2/apt ./\\n' > /etc/apt/sources.list && apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends haproxy",
    );
    await byHand.outputOf("lb", "cat > /etc/haproxy/haproxy.cfg", haproxyByHand);
    await byHand.outputOf(
      "lb",
      "haproxy -c -q -f /etc/haproxy/haproxy.cfg && systemctl restart haproxy",
    );
  });

  it("a cluster comes up behind it, and nothing is built in its place", async () => {
    matrix.writeStackFile(({ config }) => {
      config["kubeadm-ha:loadBalancer"] = {
        kind: "existing",
        endpoint: byHand.addressOf("lb"),
        port: 7443,
      };
      config["kubeadm-ha:etcd"] = { topology: "stacked" };
      config["kubeadm-ha:controlPlanes"] = config["kubeadm-ha:controlPlanes"].slice(0, 1);
    });
    await matrix.freshHosts({ beside: [byHand] });
    const logins = await byHand.sshLoginsOf(["lb"]);
    const run = await matrix.pulumiUp();
    console.log(`bring-up of 1+1 behind an existing balancer: ${run.seconds.toFixed(1)} s`);
    expect(await matrix.stackOutput("endpoint")).toBe(`https://${byHand.addressOf("lb")}:7443`);
    const found = await nodes(matrix);
    expect([...found.keys()].sort()).toEqual(["cp1", "w1"]);
    for (const node of found.values()) expect(node.ready).toBe(true);
    expect(await byHand.sshLoginsOf(["lb"])).toEqual(logins);
  });

  it("a second up changes nothing", async () => {
    expect((await matrix.pulumiUp(["--expect-no-changes"])).changed).toEqual([]);
  });

  it("the kubeconfig leads through it", async () => {
    const kubeconfig = await matrix.stackOutput<string>("kubeconfig");
    expect(kubeconfig).toContain(`server: https://${byHand.addressOf("lb")}:7443`);
    const list = await matrix.outputOf(
      "w1",
      "umask 077; cat > /run/kubeconfig; kubectl --kubeconfig /run/kubeconfig get nodes --no-headers; code=$?; rm -f /run/kubeconfig; exit $code",
      kubeconfig,
    );
    expect(list.split("\n")).toHaveLength(2);
  });
});
