import { foundingSettings } from "../../components/render/settings";
import { testGoldens } from "../support/golden";
import { kubeadmCluster } from "../support/kubeadmCluster";

const cluster = kubeadmCluster({
  fragments: { cluster: {}, kubelet: { note: "two\nlines = 1" }, kubeProxy: { mode: "nftables" } },
});

testGoldens("settings", { "settings.txt": () => foundingSettings(cluster, "stacked") });

it("is one line for each setting, each with a key of the stack file", () => {
  const lines = foundingSettings(cluster, "stacked").trimEnd().split("\n");
  expect(lines.map((line) => line.split("=")[0])).toEqual([
    "name",
    "endpoint",
    "etcd.topology",
    "kubernetes.version",
    "kubernetes.cluster",
    "kubernetes.kubelet",
    "kubernetes.kubeProxy",
    "network.podSubnet",
    "network.serviceSubnet",
    "network.dnsDomain",
  ]);
  expect(lines).toContain('kubernetes.kubelet={"note":"two\\nlines = 1"}');
});

it("does not change with the hosts", () => {
  const other = kubeadmCluster({
    fragments: cluster.fragments,
    certificateNames: ["another.example.com"],
    ignorePreflightErrors: ["Swap"],
  });
  expect(foundingSettings(other, "stacked")).toBe(foundingSettings(cluster, "stacked"));
});
