import { eventually } from "../eventually";
import { nodes } from "./nodes";
import { etcdctlInPod } from "./stackedEtcd";
import type { Suite } from "../suite/suite";

/** What the cluster has that the seed's checks are made on. */
export interface SeedCluster {
  readonly controlPlanes: readonly string[];
  /** How many Nodes there are. */
  readonly nodes: number;
}

/** The seed's checks that are the same for every topology and balancer. @param endpoint the API's address. */
export function tellSeedStories(suite: Suite, cluster: SeedCluster, endpoint: () => string): void {
  const { controlPlanes } = cluster;

  describe("the seed's verification", () => {
    it.each(["kube-apiserver", "kube-controller-manager", "kube-scheduler"])(
      "shows a pod of %s on every control plane",
      async (component) => {
        const pods = await suite.kubectl("get pods -n kube-system -o wide --no-headers");
        for (const node of controlPlanes) {
          expect(pods).toMatch(new RegExp(`^${component}-${node} +1/1 +Running`, "m"));
        }
      },
    );

    it("answers kubectl get componentstatuses", async () => {
      expect(await suite.kubectl("get componentstatuses")).toMatch(/etcd-0 +Healthy/);
    });
  });

  describe("the seed's HA test 1: several API servers", () => {
    it.each(controlPlanes)("%s answers directly", async (name) => {
      const url = `https://${suite.addressOf(name)}:6443/version`;
      const version = await suite.outputOf("w1", `curl -ks -m 5 ${url}`);
      expect(JSON.parse(version)).toMatchObject({ gitVersion: "v1.37.2" });
    });
  });

  describe("the seed's HA test 2: a control plane's kubelet is stopped", () => {
    it("the cluster still works, and the node comes back", async () => {
      await suite.outputOf("cp2", "systemctl stop kubelet");
      try {
        await eventually(90, async () =>
          expect((await nodes(suite)).get("cp2")?.ready).toBe(false),
        );
        expect((await nodes(suite)).size).toBe(cluster.nodes);
        expect(await suite.kubectl("get pods -A --no-headers")).toContain("kube-apiserver-cp1");
        await suite.kubectl("create configmap written-meanwhile --from-literal=a=b");
        await suite.kubectl("delete configmap written-meanwhile");
      } finally {
        await suite.outputOf("cp2", "systemctl start kubelet");
      }
      await eventually(90, async () => expect((await nodes(suite)).get("cp2")?.ready).toBe(true));
    });
  });

  describe("the seed's manual work", () => {
    it("kubeadm token create --print-join-command and upload-certs give a join command", async () => {
      const join = await suite.outputOf(
        "cp1",
        "kubeadm token create --ttl 10m --print-join-command 2>/dev/null",
      );
      const beginning = `kubeadm join ${endpoint()}:6443 --token `;
      expect(join.slice(0, beginning.length)).toBe(beginning);
      expect(join).toMatch(/--token \S+ --discovery-token-ca-cert-hash sha256:[0-9a-f]{64}/);
      const upload = await suite.outputOf(
        "cp1",
        "kubeadm init phase upload-certs --upload-certs 2>/dev/null",
      );
      expect(upload).toMatch(/^[0-9a-f]{64}$/m);
      await suite.outputOf(
        "cp1",
        `kubeadm token delete ${/--token (\S+)\./.exec(join)?.[1] ?? ""}`,
      );
    });
  });
}

/** The seed's checks of stacked etcd. */
export function tellStackedEtcdStories(suite: Suite, { controlPlanes }: SeedCluster): void {
  describe("the seed's stacked etcd", () => {
    it.each(controlPlanes)("runs a member in a pod on %s", async (node) => {
      const pods = await suite.kubectl("get pods -n kube-system -o wide --no-headers");
      expect(pods).toMatch(new RegExp(`^etcd-${node} +1/1 +Running`, "m"));
    });

    it("lists its members, all started", async () => {
      const members = await suite.kubectl(etcdctlInPod("cp1", "member list"));
      expect(members.match(/, started, cp\d+, /g)).toHaveLength(controlPlanes.length);
      expect(members).not.toMatch(/, true$/m);
    });

    it.each(controlPlanes)("HA test 3: the member on %s is healthy", async (node) => {
      const config = "--kubeconfig /etc/kubernetes/admin.conf";
      const health = await suite.onHost(
        node,
        `kubectl ${config} ${etcdctlInPod(node, "endpoint health")} 2>&1`,
      );
      expect(health.stdout).toContain("is healthy");
    });
  });
}

/** The seed's look into HAProxy. */
export function tellHaproxyStories(
  suite: Suite,
  balancers: readonly string[],
  { controlPlanes }: SeedCluster,
): void {
  describe("HAProxy's statistics", () => {
    it.each(balancers)(
      "come through socat at /var/run/haproxy.sock on %s and show every API server up",
      async (balancer) => {
        const stats = await suite.outputOf(
          balancer,
          "echo 'show stat' | socat stdio /var/run/haproxy.sock",
        );
        for (const node of controlPlanes) {
          expect(stats).toMatch(new RegExp(`^kubernetes-backend,${node},.*,UP,`, "m"));
        }
      },
    );
  });
}
