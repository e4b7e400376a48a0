import { loadAll } from "js-yaml";

import { flannelManifest } from "../../components/render/flannel";
import { testGoldens } from "../support/golden";

const cluster = { podSubnet: "10.244.0.0/16", endpoint: { host: "api.example.com", port: 6443 } };
const flannel = {
  plugin: "flannel" as const,
  backend: "vxlan" as const,
  image: "registry.example.com/flannel:v0.28.10",
  cniPluginImage: "registry.example.com/flannel-cni-plugin:v1.9.1-flannel1",
};
const vxlan = flannelManifest(flannel, cluster);
const hostGateway = flannelManifest({ ...flannel, backend: "host-gw" }, cluster);

testGoldens("flannel", { "vxlan.yaml": () => vxlan, "host-gw.yaml": () => hostGateway });

interface Container {
  name: string;
  image: string;
  command: string[];
  args: string[];
  env?: { name: string; value?: string }[];
  volumeMounts: { name: string; mountPath: string }[];
}
interface Item {
  kind: string;
  metadata: { name: string; namespace?: string };
  data: Record<string, string>;
  spec: {
    selector: { matchLabels: object };
    template: {
      metadata: { labels: object; annotations: Record<string, string> };
      spec: {
        initContainers: Container[];
        containers: Container[];
        volumes: { name: string }[];
        tolerations: unknown;
        hostNetwork: boolean;
      };
    };
  };
}

function item(text: string, kind: string): Item {
  const found = (loadAll(text) as Item[]).filter((one) => one.kind === kind);
  expect(found).toHaveLength(1);
  return found[0] as Item;
}

function configuration(text: string, name: string): unknown {
  return JSON.parse(item(text, "ConfigMap").data[name] ?? "");
}

it("has the objects of flannel, in an order in which they can be made", () => {
  expect((loadAll(vxlan) as Item[]).map(({ kind }) => kind)).toEqual([
    "Namespace",
    "ServiceAccount",
    "ClusterRole",
    "ClusterRoleBinding",
    "ConfigMap",
    "DaemonSet",
  ]);
});

it("has the stack's pod network and backend", () => {
  expect(configuration(vxlan, "net-conf.json")).toMatchObject({
    Network: "10.244.0.0/16",
    Backend: { Type: "vxlan" },
  });
  expect(configuration(hostGateway, "net-conf.json")).toMatchObject({
    Backend: { Type: "host-gw" },
  });
});

it("speaks a CNI version that the oldest plugin in use knows", () => {
  expect(configuration(vxlan, "cni-conf.json")).toMatchObject({ cniVersion: "0.3.1" });
});

it("runs everywhere, on the host's network, and is told where the API is", () => {
  const { spec } = item(vxlan, "DaemonSet").spec.template;
  expect(spec).toMatchObject({ hostNetwork: true, tolerations: [{ operator: "Exists" }] });
  expect(spec.containers[0]?.env).toEqual(
    expect.arrayContaining([
      { name: "KUBERNETES_SERVICE_HOST", value: "api.example.com" },
      { name: "KUBERNETES_SERVICE_PORT", value: "6443" },
    ]),
  );
});

it("mounts only volumes that it has, and uses all of them", () => {
  const { initContainers, containers, volumes } = item(vxlan, "DaemonSet").spec.template.spec;
  const mounted = [...initContainers, ...containers].flatMap(({ volumeMounts }) => volumeMounts);
  expect(new Set(mounted.map(({ name }) => name))).toEqual(
    new Set(volumes.map(({ name }) => name)),
  );
});

it("uses the stack file's images", () => {
  const { initContainers, containers } = item(vxlan, "DaemonSet").spec.template.spec;
  expect([...initContainers, ...containers].map(({ name, image }) => [name, image])).toEqual([
    ["install-cni-plugin", flannel.cniPluginImage],
    ["install-cni", flannel.image],
    ["kube-flannel", flannel.image],
  ]);
});

it("selects its own pods", () => {
  const { selector, template } = item(vxlan, "DaemonSet").spec;
  expect(template.metadata.labels).toMatchObject(selector.matchLabels);
});

it("makes new pods when its configuration changes, and only then", () => {
  const digest = (text: string): unknown =>
    item(text, "DaemonSet").spec.template.metadata.annotations["kubeadm-ha/configuration"];
  expect(digest(hostGateway)).not.toBe(digest(vxlan));
  expect(digest(flannelManifest({ ...flannel, image: "a/b:v2" }, cluster))).toBe(digest(vxlan));
});
