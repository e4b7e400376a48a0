import { createHash } from "node:crypto";

import type { CniSpec } from "../../config/spec";
import { yamlDocuments } from "./yaml";

const namespace = "kube-flannel";
const labels = { app: "flannel", tier: "node" };

/** What flannel must know of the cluster. */
export interface FlannelCluster {
  readonly podSubnet: string;
  /** The control-plane endpoint's host and port. */
  readonly endpoint: { readonly host: string; readonly port: number };
}

/**
 * flannel's objects. Unlike upstream's manifest, the daemon is told the control-plane endpoint: it need not wait until
 * kube-proxy has programmed the Service address, which costs upstream a crash and 10 to 20 s on each new node.
 */
export function flannelManifest(
  flannel: Extract<CniSpec, { plugin: "flannel" }>,
  cluster: FlannelCluster,
): string {
  const configuration = {
    // Version 0.3.1: also the oldest flannel plugin in use understands it.
    "cni-conf.json": json({
      name: "cbr0",
      cniVersion: "0.3.1",
      plugins: [
        { type: "flannel", delegate: { hairpinMode: true, isDefaultGateway: true } },
        { type: "portmap", capabilities: { portMappings: true } },
      ],
    }),
    "net-conf.json": json({
      Network: cluster.podSubnet,
      EnableNFTables: false,
      Backend: { Type: flannel.backend },
    }),
  };
  return yamlDocuments([
    {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: {
        name: namespace,
        labels: { "pod-security.kubernetes.io/enforce": "privileged" },
      },
    },
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "flannel", namespace } },
    ...accessRules(),
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "kube-flannel-cfg", namespace, labels },
      data: configuration,
    },
    daemonSet(flannel, cluster, digest(json(configuration))),
  ]);
}

function accessRules(): object[] {
  const group = "rbac.authorization.k8s.io";
  return [
    {
      apiVersion: `${group}/v1`,
      kind: "ClusterRole",
      metadata: { name: "flannel" },
      rules: [
        { apiGroups: [""], resources: ["pods"], verbs: ["get"] },
        { apiGroups: [""], resources: ["nodes"], verbs: ["get", "list", "watch"] },
        { apiGroups: [""], resources: ["nodes/status"], verbs: ["patch"] },
      ],
    },
    {
      apiVersion: `${group}/v1`,
      kind: "ClusterRoleBinding",
      metadata: { name: "flannel" },
      roleRef: { apiGroup: group, kind: "ClusterRole", name: "flannel" },
      subjects: [{ kind: "ServiceAccount", name: "flannel", namespace }],
    },
  ];
}

function daemonSet(
  flannel: Extract<CniSpec, { plugin: "flannel" }>,
  cluster: FlannelCluster,
  configurationDigest: string,
): object {
  return {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: { name: "kube-flannel-ds", namespace, labels },
    spec: {
      selector: { matchLabels: labels },
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 1 } },
      template: {
        metadata: {
          labels,
          // flanneld reads its configuration at its start only: a new configuration must make new pods.
          annotations: { "kubeadm-ha/configuration": configurationDigest },
        },
        spec: {
          hostNetwork: true,
          priorityClassName: "system-node-critical",
          tolerations: [{ operator: "Exists" }],
          nodeSelector: { "kubernetes.io/os": "linux" },
          serviceAccountName: "flannel",
          initContainers: [
            copy(
              "install-cni-plugin",
              flannel.cniPluginImage,
              ["/flannel", "/opt/cni/bin/flannel"],
              {
                "cni-plugin": "/opt/cni/bin",
              },
            ),
            copy(
              "install-cni",
              flannel.image,
              ["/etc/kube-flannel/cni-conf.json", "/etc/cni/net.d/10-flannel.conflist"],
              { cni: "/etc/cni/net.d", "flannel-cfg": "/etc/kube-flannel" },
            ),
          ],
          containers: [
            {
              name: "kube-flannel",
              image: flannel.image,
              command: ["/opt/bin/flanneld"],
              args: ["--ip-masq", "--kube-subnet-mgr"],
              resources: { requests: { cpu: "100m", memory: "50Mi" } },
              // Ready means that pods can start: the flannel CNI plugin needs this file. Without the probe a pod that
              // comes first fails and waits for its next try, 10 to 20 s.
              startupProbe: {
                exec: { command: ["test", "-s", "/run/flannel/subnet.env"] },
                periodSeconds: 1,
                failureThreshold: 120,
              },
              securityContext: {
                privileged: false,
                capabilities: { add: ["NET_ADMIN", "NET_RAW"] },
              },
              env: [
                fieldRef("POD_NAME", "metadata.name"),
                fieldRef("POD_NAMESPACE", "metadata.namespace"),
                { name: "EVENT_QUEUE_DEPTH", value: "5000" },
                { name: "KUBERNETES_SERVICE_HOST", value: cluster.endpoint.host },
                { name: "KUBERNETES_SERVICE_PORT", value: String(cluster.endpoint.port) },
              ],
              volumeMounts: mounts({
                run: "/run/flannel",
                "flannel-cfg": "/etc/kube-flannel/",
                "xtables-lock": "/run/xtables.lock",
              }),
            },
          ],
          volumes: [
            { name: "run", hostPath: { path: "/run/flannel", type: "DirectoryOrCreate" } },
            { name: "cni-plugin", hostPath: { path: "/opt/cni/bin", type: "DirectoryOrCreate" } },
            { name: "cni", hostPath: { path: "/etc/cni/net.d", type: "DirectoryOrCreate" } },
            { name: "flannel-cfg", configMap: { name: "kube-flannel-cfg" } },
            { name: "xtables-lock", hostPath: { path: "/run/xtables.lock", type: "FileOrCreate" } },
          ],
        },
      },
    },
  };
}

function copy(
  name: string,
  image: string,
  [from, to]: readonly [string, string],
  volumes: Readonly<Record<string, string>>,
): object {
  return { name, image, command: ["cp"], args: ["-f", from, to], volumeMounts: mounts(volumes) };
}

function mounts(volumes: Readonly<Record<string, string>>): object[] {
  return Object.entries(volumes).map(([name, mountPath]) => ({ name, mountPath }));
}

function fieldRef(name: string, fieldPath: string): object {
  return { name, valueFrom: { fieldRef: { fieldPath } } };
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
