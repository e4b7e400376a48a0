import { nodes } from "../support/cluster/nodes";
import { suite } from "../support/suite/suites";

const stacked = suite("stacked");

const names = ["cp1", "cp2", "cp3", "w1", "w2"];

describe("bring-up", () => {
  it("makes a verified cluster of three control planes and two workers out of plain hosts", async () => {
    stacked.writeStackFile((stack) => {
      const [first] = stack.config["kubeadm-ha:workers"];
      Object.assign(first ?? {}, {
        zone: "north",
        labels: { "example.com/disk": "ssd" },
        taints: [{ key: "example.com/only", value: "batch", effect: "PreferNoSchedule" }],
      });
    });
    await stacked.freshHosts();
    const run = await stacked.pulumiUp();
    console.log(`bring-up of 3+2: ${run.seconds.toFixed(1)} s`);
    expect(await stacked.stackOutput("health")).toEqual({
      nodes: 5,
      controlPlanes: 3,
      etcdMembers: 3,
      podNetwork: true,
    });
    const found = await nodes(stacked);
    expect([...found.keys()].sort()).toEqual(names);
    for (const node of found.values()) {
      expect(node).toMatchObject({ ready: true, version: "v1.37.2" });
    }
  });

  it("gives nodes the labels, zones and taints of the stack file", async () => {
    const worker = (await nodes(stacked)).get("w1");
    expect(worker?.labels).toMatchObject({
      "topology.kubernetes.io/zone": "north",
      "example.com/disk": "ssd",
    });
    const taints = await stacked.kubectl("get node w1 -o jsonpath='{.spec.taints}'");
    expect(JSON.parse(taints)).toEqual([
      { key: "example.com/only", value: "batch", effect: "PreferNoSchedule" },
    ]);
  });

  it("leaves no CA key and no join credential on a worker, and keys on a control plane to root alone", async () => {
    const keys =
      "find / -xdev -type f \\( -name '*.key' -o -name join.conf \\) -path '*kube*' -printf '%m %u %p\\n'";
    expect(await stacked.outputOf("w1", keys)).toBe("");
    const found = (await stacked.outputOf("cp2", keys)).split("\n");
    expect(found).toContain("600 root /var/lib/kubeadm-ha/pki/ca.key");
    for (const line of found) expect(line).toMatch(/^600 root /);
    expect(found.filter((line) => line.endsWith("join.conf"))).toEqual([]);
  });

  it("holds the Kubernetes packages, loads the modules, sets the sysctls and turns swap off", async () => {
    for (const host of names) {
      const state = await stacked.outputOf(
        host,
        "apt-mark showhold | sort | paste -sd' '; sysctl -n net.bridge.bridge-nf-call-iptables net.bridge.bridge-nf-call-ip6tables net.ipv4.ip_forward | paste -sd' '; cat /etc/modules-load.d/kubeadm-ha.conf | paste -sd' '; wc -l < /proc/swaps",
      );
      expect(state.split("\n")).toEqual([
        "kubeadm kubectl kubelet",
        "1 1 1",
        "overlay br_netfilter",
        "1",
      ]);
    }
  });

  it("gives the login user of a control plane a working kubectl", async () => {
    const result = await stacked.onHost(
      "cp3",
      "su - admin -c 'stat -c %a%U .kube/config && kubectl get nodes --no-headers'",
    );
    expect(result.code).toBe(0);
    expect(result.stdout.split("\n")[0]).toBe("600admin");
    expect(result.stdout.match(/ Ready /g)).toHaveLength(names.length);
  });

  it("hands out a kubeconfig as a secret stack output, which works", async () => {
    const kubeconfig = await stacked.stackOutput<string>("kubeconfig");
    const list = await stacked.outputOf(
      "w1",
      "umask 077; cat > /tmp/kubeconfig && kubectl --kubeconfig /tmp/kubeconfig get nodes --no-headers; code=$?; rm -f /tmp/kubeconfig; exit $code",
      kubeconfig,
    );
    expect(list.split("\n")).toHaveLength(names.length);
  });
});
