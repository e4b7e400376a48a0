import { Cluster } from "./components/cluster";
import { ClusterPki } from "./components/clusterPki";
import { ControlPlaneNode, inTurn } from "./components/controlPlaneNode";
import { EtcdCluster } from "./components/etcdCluster";
import { Hosts } from "./components/hosts";
import { LoadBalancer } from "./components/loadBalancer";
import { inBatches } from "./components/registration/batches";
import { withShortStackTraces } from "./components/registration/stackTraces";
import { Roster } from "./components/roster";
import type { StackOutputs } from "./components/stackOutputs";
import { WorkerNode } from "./components/workerNode";
import { loadConfig, type LoadedConfig } from "./config/load";
import {
  balancerHostsOf,
  builtBalancerOf,
  endpointOf,
  endpointText,
  etcdVersionOf,
  founderOf,
  nodesOf,
} from "./config/topology";

/** The program: a function, because it waits in between (components/registration/), which a module cannot. */
export = async (): Promise<StackOutputs> => {
  const config = loadConfig();
  return await withShortStackTraces(() => makeCluster(config));
};

async function makeCluster(config: LoadedConfig): Promise<StackOutputs> {
  const { spec, logins } = config;
  const apiEndpoint = endpointText(endpointOf(spec));

  const pki = new ClusterPki({ clusterName: spec.name, endpoint: apiEndpoint });
  const hosts = await Hosts.make(config, pki.clusterId);
  const founder = hosts.get(founderOf(spec));

  const balancer = new LoadBalancer("api", {
    balancer: builtBalancerOf(spec),
    hosts: hosts.of(balancerHostsOf(spec)),
    backends: spec.controlPlanes,
    caCertificate: pki.caCertificate,
    etcdTopology: spec.etcd.topology,
  });

  const etcd =
    spec.etcd.topology === "stacked"
      ? undefined
      : new EtcdCluster("etcd", {
          clusterName: spec.name,
          clusterId: pki.clusterId,
          etcd: spec.etcd,
          version: etcdVersionOf(spec, spec.etcd),
          hosts: hosts.of(spec.etcd.hosts),
          authority: pki.etcdAuthority,
          gate: hosts.gate,
        });

  const cluster = new Cluster(spec.name, {
    config,
    pki,
    founder,
    members: hosts.of(nodesOf(spec)),
    endpointReady: balancer.configured,
    etcd,
  });

  const controlPlanes = inTurn(
    spec.controlPlanes,
    (node, previous) =>
      new ControlPlaneNode({
        spec: node,
        host: hosts.get(node),
        cluster,
        ...(spec.loginUserKubeconfig && { kubeconfigUser: logins.get(node.name)?.user }),
        previous,
        etcd,
      }),
  );
  const workers = await inBatches(
    spec.workers,
    (node) => new WorkerNode({ spec: node, host: hosts.get(node), cluster }),
    (worker) => worker.joined,
  );

  const roster = new Roster(spec.name, {
    spec,
    cluster,
    founder,
    nodes: [...controlPlanes, ...workers],
    // Members leave when no API server has them in its list any more.
    etcd: etcd?.roster(controlPlanes.flatMap((node) => node.settled ?? [])),
  });
  balancer.verify(
    controlPlanes.map((node) => node.uid),
    controlPlanes.map((node) => node.joined),
  );

  return {
    endpoint: `https://${apiEndpoint}`,
    kubeconfig: pki.kubeconfig,
    nodes: nodesOf(spec).map(({ name, address }) => ({ name, address })),
    etcdEndpoints: etcd?.endpoints ?? [],
    health: roster.summary,
  };
}
