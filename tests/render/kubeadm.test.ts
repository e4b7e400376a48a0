import { loadAll } from "js-yaml";

import {
  initConfiguration,
  joinConfiguration,
  type KubeadmCluster,
} from "../../components/render/kubeadm";
import { testGoldens } from "../support/golden";
import { kubeadmCluster } from "../support/kubeadmCluster";

const node = { name: "cp1", address: "192.168.1.21" };
const worker = { name: "w1", address: "192.168.1.101" };
const discovery = "/var/lib/kubeadm-ha/join.conf";

/** What a stack of the lab and a stack with settings of its own add. */
const withFragments: Partial<KubeadmCluster> = {
  ignorePreflightErrors: ["SystemVerification", "Swap"],
  fragments: {
    cluster: {
      apiServer: { extraArgs: [{ name: "audit-log-maxage", value: "30" }] },
      controllerManager: { extraArgs: [{ name: "bind-address", value: "0.0.0.0" }] },
      imageRepository: "registry.example.com/k8s",
    },
    kubelet: { failCgroupV1: false, maxPods: 200, cgroupDriver: "cgroupfs" },
    kubeProxy: { mode: "nftables", conntrack: { maxPerCore: 0 } },
  },
};

const v4 = kubeadmCluster();
const v3 = kubeadmCluster({ kubernetesVersion: "1.30.14" });
const fragments = kubeadmCluster(withFragments);
const etcdEndpoints = [31, 32, 33].map((i) => `https://192.168.1.${i}:2379`);
const external = kubeadmCluster({ etcdEndpoints });
const oldExternal = kubeadmCluster({ kubernetesVersion: "1.30.14", etcdEndpoints });

// The names say what kubeadm judges them: tests/judges.
testGoldens("kubeadm", {
  "init-1.37.2.yaml": () => initConfiguration(v4, node),
  "init-fragments-1.37.2.yaml": () => initConfiguration(fragments, node),
  "join-control-plane-1.37.2.yaml": () => joinConfiguration(v4, node, "control-plane", discovery),
  "join-worker-1.37.2.yaml": () => joinConfiguration(fragments, worker, "worker", discovery),
  "init-external-etcd-1.37.2.yaml": () => initConfiguration(external, node),
  "init-external-etcd-1.30.14.yaml": () => initConfiguration(oldExternal, node),
  "init-1.30.14.yaml": () => initConfiguration(v3, node),
  "join-control-plane-1.30.14.yaml": () => joinConfiguration(v3, node, "control-plane", discovery),
  "join-worker-1.30.14.yaml": () => joinConfiguration(v3, worker, "worker", discovery),
});

type Document = Record<string, unknown>;

function document(text: string, kind: string): Document {
  const found = (loadAll(text) as Document[]).filter((one) => one["kind"] === kind);
  expect(found).toHaveLength(1);
  return found[0] ?? {};
}

describe("the init configuration", () => {
  it("has one document of each kind, in this order", () => {
    for (const cluster of [v4, v3]) {
      const kinds = (loadAll(initConfiguration(cluster, node)) as Document[]).map((one) => [
        one["apiVersion"],
        one["kind"],
      ]);
      expect(kinds).toEqual([
        [`kubeadm.k8s.io/${cluster.api}`, "InitConfiguration"],
        [`kubeadm.k8s.io/${cluster.api}`, "ClusterConfiguration"],
        ["kubelet.config.k8s.io/v1beta1", "KubeletConfiguration"],
        ["kubeproxy.config.k8s.io/v1alpha1", "KubeProxyConfiguration"],
      ]);
    }
  });

  it("has the stack's endpoint, networks and names", () => {
    expect(document(initConfiguration(v4, node), "ClusterConfiguration")).toEqual({
      apiVersion: "kubeadm.k8s.io/v1beta4",
      kind: "ClusterConfiguration",
      clusterName: "prod",
      kubernetesVersion: "v1.37.2",
      controlPlaneEndpoint: "api.example.com:6443",
      networking: {
        podSubnet: "10.244.0.0/16",
        serviceSubnet: "10.96.0.0/12",
        dnsDomain: "cluster.local",
      },
      apiServer: { certSANs: ["api.example.com", "192.168.1.11", "127.0.0.1"] },
      encryptionAlgorithm: "ECDSA-P256",
    });
  });

  it("is the host's own: its name, its address, its runtime", () => {
    expect(document(initConfiguration(v4, node), "InitConfiguration")).toMatchObject({
      localAPIEndpoint: { advertiseAddress: "192.168.1.21", bindPort: 6443 },
      nodeRegistration: {
        name: "cp1",
        criSocket: "unix:///run/containerd/containerd.sock",
        kubeletExtraArgs: [{ name: "node-ip", value: "192.168.1.21" }],
      },
    });
  });

  it("is in the older API where the version has no other", () => {
    const text = initConfiguration(v3, node);
    const init = document(text, "InitConfiguration");
    expect(init).not.toHaveProperty("timeouts");
    expect(init).toMatchObject({
      nodeRegistration: { kubeletExtraArgs: { "node-ip": "192.168.1.21" } },
    });
    const cluster = document(text, "ClusterConfiguration");
    expect(cluster).not.toHaveProperty("encryptionAlgorithm");
    expect(cluster).toMatchObject({ apiServer: { timeoutForControlPlane: "2m0s" } });
  });

  it("lets the user's fragments win, and keeps the rest", () => {
    const text = initConfiguration(fragments, node);
    expect(document(text, "ClusterConfiguration")).toMatchObject({
      imageRepository: "registry.example.com/k8s",
      apiServer: {
        certSANs: ["api.example.com", "192.168.1.11", "127.0.0.1"],
        extraArgs: [{ name: "audit-log-maxage", value: "30" }],
      },
    });
    expect(document(text, "KubeletConfiguration")).toMatchObject({
      cgroupDriver: "cgroupfs",
      failCgroupV1: false,
      maxPods: 200,
    });
    expect(document(text, "KubeProxyConfiguration")).toMatchObject({ mode: "nftables" });
    expect(document(text, "InitConfiguration")).toMatchObject({
      nodeRegistration: { ignorePreflightErrors: ["SystemVerification", "Swap"] },
    });
  });
});

describe("the join configuration", () => {
  it("joins by the discovery file, without a token", () => {
    for (const role of ["control-plane", "worker"] as const) {
      const text = joinConfiguration(v4, worker, role, discovery);
      expect(document(text, "JoinConfiguration")).toMatchObject({
        discovery: { file: { kubeConfigPath: discovery } },
        nodeRegistration: {
          name: "w1",
          kubeletExtraArgs: [{ name: "node-ip", value: "192.168.1.101" }],
        },
      });
      expect(text).not.toMatch(/token/i);
    }
  });

  it("makes an API server on control planes only", () => {
    const join = (role: "control-plane" | "worker"): Document =>
      document(joinConfiguration(v4, node, role, discovery), "JoinConfiguration");
    expect(join("control-plane")).toMatchObject({
      controlPlane: { localAPIEndpoint: { advertiseAddress: "192.168.1.21", bindPort: 6443 } },
    });
    expect(join("worker")).not.toHaveProperty("controlPlane");
  });
});
