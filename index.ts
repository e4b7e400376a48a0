import { Cluster } from "./components/cluster";
import { ClusterPki } from "./components/clusterPki";
import { ControlPlaneNode, inTurn } from "./components/controlPlaneNode";
import { Hosts } from "./components/host";
import { LoadBalancer } from "./components/loadBalancer";
import { Roster } from "./components/roster";
import { WorkerNode } from "./components/workerNode";
import { loadConfig } from "./config/load";
import { endpointOf, endpointText, founderOf, nodesOf } from "./config/topology";

const config = loadConfig();
const { spec, logins } = config;
const apiEndpoint = endpointText(endpointOf(spec));

const pki = new ClusterPki({ clusterName: spec.name, endpoint: apiEndpoint });
const hosts = new Hosts(config, pki.clusterId);
const founder = hosts.get(founderOf(spec));
const members = nodesOf(spec).map((node) => hosts.get(node));
for (const member of members) member.entrust(pki.credentials);

const balancer = new LoadBalancer("api", {
  balancer: spec.loadBalancer,
  hosts: spec.loadBalancer.hosts.map((host) => hosts.get(host)),
  backends: spec.controlPlanes,
  caCertificate: pki.caCertificate,
});

const cluster = new Cluster(spec.name, {
  config,
  clusterId: pki.clusterId,
  founder,
  members,
  endpointReady: balancer.configured,
});

const controlPlanes = inTurn(
  spec.controlPlanes,
  (node, after) =>
    new ControlPlaneNode({
      spec: node,
      host: hosts.get(node),
      cluster,
      ...(spec.loginUserKubeconfig && { kubeconfigUser: logins.get(node.name)?.user }),
      after: after?.joined,
    }),
);
const workers = spec.workers.map(
  (node) => new WorkerNode({ spec: node, host: hosts.get(node), cluster }),
);

const roster = new Roster(spec.name, {
  spec,
  cluster,
  founder,
  nodes: [...controlPlanes, ...workers],
});
balancer.verify(
  controlPlanes.map((node) => node.uid),
  controlPlanes.map((node) => node.joined),
);

/** Where the Kubernetes API is reached: `https://host:port`. */
export const endpoint = `https://${apiEndpoint}`;
/** An administrator's kubeconfig (secret): `pulumi stack output --show-secrets kubeconfig`. */
export const kubeconfig = pki.kubeconfig;
/** The cluster's nodes and their addresses. */
export const nodes = nodesOf(spec).map(({ name, address }) => ({ name, address }));
/** What the last verification saw. */
export const health = roster.summary;
