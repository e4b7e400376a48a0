import type { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

import type { LoadedConfig } from "../config/load";
import { certificateNamesOf, endpointOf, endpointText, etcdEndpointsOf } from "../config/topology";
import { kubeadmApi } from "../config/versions";
import type { ClusterPki, EtcdClient } from "./clusterPki";
import type { Host } from "./host";
import { runProgram } from "./remote/command";
import type { EtcdTopology } from "./remote/steps";
import { flannelManifest } from "./render/flannel";
import { joinRbac } from "./render/joinRbac";
import { initConfiguration, type KubeadmCluster } from "./render/kubeadm";
import { foundingSettings } from "./render/settings";

/** What a {@link Cluster} needs. */
export interface ClusterArgs {
  readonly config: LoadedConfig;
  readonly pki: ClusterPki;
  /** The control plane that founds the cluster, and on which steps for the whole cluster run. */
  readonly founder: Host;
  /** All nodes that are to be members, the founder among them. */
  readonly members: readonly Host[];
  /** The endpoint answers once these are there. */
  readonly endpointReady: readonly pulumi.Resource[];
  /** An external etcd; with a stacked one, control planes bring theirs along. */
  readonly etcd: ExternalEtcd | undefined;
}

/** What a cluster needs of an external etcd. */
interface ExternalEtcd {
  /** How API servers log in. */
  readonly apiServerClient: EtcdClient;
  /** The wanted members are not refused. */
  readonly admitted: remote.Command;
  /** Every member is healthy. */
  readonly formed: readonly remote.Command[];
}

/**
 * The cluster itself: founded once, by a resource that never changes again; its pod network; and the gate through which
 * every join goes (admit).
 */
export class Cluster extends pulumi.ComponentResource {
  readonly founded: remote.Command;
  /** Joins may begin: the wanted members are recorded, stale entries are gone. */
  readonly admitted: remote.Command;
  /** The pod network's objects; none when the user brings a network of their own later. */
  readonly addons: remote.Command | undefined;
  /** What all kubeadm configurations of this cluster share. */
  readonly kubeadm: KubeadmCluster;
  readonly clusterId: pulumi.Input<string>;
  readonly etcdTopology: EtcdTopology;
  /** The keys that a worker joins with. */
  readonly workerTrust: ClusterPki["workerTrust"];

  constructor(name: string, args: ClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kubeadm-ha:index:Cluster", name, {}, opts);
    const { config, pki, founder, members, endpointReady, etcd } = args;
    const { clusterId } = pki;
    const { spec } = config;
    this.clusterId = clusterId;
    this.kubeadm = kubeadmCluster(config);
    this.etcdTopology = spec.etcd.topology;
    const controlPlaneTrust = pki.controlPlaneTrust(etcd?.apiServerClient);
    for (const member of members) {
      if (member.role === "control-plane") member.entrust("trust-control-plane", controlPlaneTrust);
    }
    this.workerTrust = pki.workerTrust;
    const settings = foundingSettings(this.kubeadm, spec.etcd.topology);

    this.founded = runProgram(
      `${name}-found`,
      "found",
      founder.target,
      {
        HOST_NAME: founder.name,
        CLUSTER_ID: clusterId,
        ENDPOINT: this.kubeadm.endpoint,
        SETTINGS: settings,
        KUBEADM_CONFIG: initConfiguration(this.kubeadm, founder),
        JOIN_RBAC: joinRbac(),
        BALANCER: spec.loadBalancer.kind === "existing" ? "existing" : "built",
      },
      {
        parent: this,
        dependsOn: [founder.trusted, ...endpointReady, ...(etcd?.formed ?? [])],
        // Whatever changes later: a cluster is founded once.
        options: { ignoreChanges: ["*"] },
      },
    );

    this.admitted = runProgram(
      `${name}-admit`,
      "admit",
      founder.target,
      {
        HOST_NAME: founder.name,
        CLUSTER_ID: clusterId,
        SETTINGS: settings,
        MEMBERS: members.map((m) => `${m.name} ${m.role} ${m.address} ${m.identity}\n`).join(""),
        ETCD_TOPOLOGY: spec.etcd.topology,
      },
      {
        parent: this,
        dependsOn: [
          this.founded,
          founder.trusted,
          ...endpointReady,
          ...(etcd === undefined ? [] : [etcd.admitted]),
        ],
        publicOutput: true,
      },
    );

    const manifest = cniManifest(config);
    this.addons =
      manifest === undefined
        ? undefined
        : runProgram(
            `${name}-addons`,
            "addons",
            founder.target,
            { HOST_NAME: founder.name, CNI_MANIFEST: manifest },
            // After admit: it refuses settings that would break the network of a running cluster.
            { parent: this, dependsOn: [this.admitted] },
          );
    this.registerOutputs();
  }
}

function kubeadmCluster({ spec }: LoadedConfig): KubeadmCluster {
  const { kubernetes, network } = spec;
  return {
    api: kubeadmApi(kubernetes.version),
    clusterName: spec.name,
    kubernetesVersion: kubernetes.version,
    endpoint: endpointText(endpointOf(spec)),
    podSubnet: network.podSubnet,
    serviceSubnet: network.serviceSubnet,
    dnsDomain: network.dnsDomain,
    certificateNames: certificateNamesOf(spec),
    ...(spec.etcd.topology === "external" && { etcdEndpoints: etcdEndpointsOf(spec.etcd) }),
    ignorePreflightErrors: kubernetes.ignorePreflightErrors,
    fragments: {
      cluster: kubernetes.cluster,
      kubelet: kubernetes.kubelet,
      kubeProxy: kubernetes.kubeProxy,
    },
  };
}

function cniManifest({ spec, cniManifest: own }: LoadedConfig): string | undefined {
  const { cni, podSubnet } = spec.network;
  switch (cni.plugin) {
    case "flannel":
      return flannelManifest(cni, { podSubnet, endpoint: endpointOf(spec) });
    case "manifest":
      return own;
    case "none":
      return undefined;
  }
}
