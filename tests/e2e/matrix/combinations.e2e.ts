import { eventually } from "../support/eventually";
import { killDuringUp } from "../support/faults/interruption";
import { nodes } from "../support/cluster/nodes";
import type { Edit } from "../support/suite/stackFile";
import { suite } from "../support/suite/suites";

/**
 * The combinations of etcd, balancer and number of balancers that no other suite has at full size. Small: one control
 * plane, one etcd member.
 */
const combinations = [
  { topology: "stacked", kind: "haproxy", balancers: 2 },
  { topology: "stacked", kind: "nginx", balancers: 2 },
  { topology: "external", kind: "haproxy", balancers: 1 },
  { topology: "external", kind: "nginx", balancers: 1 },
  { topology: "external", kind: "nginx", balancers: 2 },
] as const;

type Combination = (typeof combinations)[number];

const matrix = suite("matrix");
const virtualIp = "198.18.14.9";

/** The committed stack file cut down to a combination. @param workers how many it has. */
function cutDown({ topology, kind, balancers }: Combination, workers: number): Edit {
  return ({ config }) => {
    const balancer = config["kubeadm-ha:loadBalancer"];
    balancer.kind = kind;
    balancer.hosts = balancer.hosts?.slice(0, balancers) ?? [];
    if (balancers === 1) delete balancer["virtualIp"];
    const etcd = config["kubeadm-ha:etcd"];
    config["kubeadm-ha:etcd"] =
      topology === "stacked"
        ? { topology }
        : { ...etcd, hosts: etcd.hosts?.slice(0, 1) ?? [], allowSingle: true };
    config["kubeadm-ha:controlPlanes"] = config["kubeadm-ha:controlPlanes"].slice(0, 1);
    config["kubeadm-ha:workers"] = config["kubeadm-ha:workers"].slice(0, workers);
  };
}

async function expectNodes(names: readonly string[]): Promise<void> {
  const found = await nodes(matrix);
  expect([...found.keys()].sort()).toEqual(names);
  for (const node of found.values()) expect(node.ready).toBe(true);
}

describe.each(combinations)(
  "etcd $topology, $kind, balancers: $balancers",
  (combination: Combination) => {
    const { topology, kind, balancers } = combination;
    const endpoint = balancers === 1 ? "198.18.14.7" : virtualIp;
    const hosts = [
      ...["lb1", "lb2"].slice(0, balancers),
      ...(topology === "external" ? ["etcd1"] : []),
      "cp1",
    ];

    it("preview shows every host's steps and contacts none", async () => {
      matrix.writeStackFile(cutDown(combination, 0));
      await matrix.freshHosts();
      // The lab itself has logged in, to see whether hosts answer.
      const before = await matrix.sshLoginsOf(hosts);
      const { output } = await matrix.pulumiPreview();
      for (const host of hosts) expect(output).toContain(`${host}-prepare`);
      expect(await matrix.sshLoginsOf(hosts)).toEqual(before);
    });

    it("a run that is killed at the founding is taken up by the next", async () => {
      await killDuringUp(matrix, {
        on: "cp1",
        line: "found: begin",
        resource: `${matrix.lab.stack}-found`,
      });
      const run = await matrix.pulumiUp();
      console.log(
        `${topology}, ${kind}, ${balancers}: up after kill -9 ${run.seconds.toFixed(1)} s`,
      );
      await expectNodes(["cp1"]);
      expect(await matrix.stackOutput("endpoint")).toBe(`https://${endpoint}:6443`);
      const version = await matrix.outputOf("cp1", `curl -ksm 5 https://${endpoint}:6443/version`);
      expect(JSON.parse(version)).toMatchObject({ gitVersion: "v1.37.2" });
    });

    it("a second up changes nothing and contacts no host", async () => {
      const before = await matrix.sshLoginsOf(hosts);
      expect((await matrix.pulumiUp(["--expect-no-changes"])).changed).toEqual([]);
      expect(await matrix.sshLoginsOf(hosts)).toEqual(before);
    });

    it("a worker is added, and no balancer and no etcd host is touched", async () => {
      matrix.writeStackFile(cutDown(combination, 1));
      await matrix.addHosts();
      const untouched = hosts.filter((host) => host !== "cp1");
      const before = await matrix.sshLoginsOf(untouched);
      await matrix.pulumiUp();
      await expectNodes(["cp1", "w1"]);
      expect(await matrix.sshLoginsOf(untouched)).toEqual(before);
    });

    it("the API answers without the first balancer", async () => {
      if (balancers === 1) return;
      await matrix.outputOf("lb1", `systemctl stop ${kind}`);
      await eventually(20, () =>
        matrix.outputOf("w1", `curl -ksfm 2 https://${virtualIp}:6443/readyz`),
      );
      await matrix.outputOf("lb1", `systemctl start ${kind}`);
    });

    it("a mistake is one clear line, before any host is contacted", async () => {
      matrix.writeStackFile((stack) => {
        cutDown(combination, 1)(stack);
        const [first] = stack.config["kubeadm-ha:loadBalancer"].hosts ?? [];
        if (first !== undefined) first.name = "cp1";
      });
      const output = await matrix.failingUp();
      expect(output).toContain("cp1");
      expect(output).not.toMatch(/^\s+at .*\.ts:\d+/m);
      matrix.writeStackFile(cutDown(combination, 1));
    });

    it("destroy leaves clean hosts", async () => {
      await matrix.pulumiDestroy();
      const leftovers =
        "ps -eo comm= | grep -E '^(kube|etcd|containerd|haproxy|nginx|keepalived)' || true; find /etc/kubernetes /var/lib/etcd /var/lib/kubeadm-ha -mindepth 1 2>/dev/null || true";
      for (const host of [...hosts, "w1"]) {
        expect(`${host}: ${await matrix.outputOf(host, leftovers)}`).toBe(`${host}: `);
      }
    });
  },
);
