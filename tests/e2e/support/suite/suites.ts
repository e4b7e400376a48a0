import { Suite } from "./suite";

/**
 * The stacks of the e2e stories. Each has hosts, ports and a Pulumi state of its own, beside whatever else the lab runs.
 * Hosts of one are there only while its stories run: see {@link Suite.addHosts}.
 */
const suites = {
  /** Three stacked control planes behind HAProxy, and two workers. */
  stacked: new Suite({
    stack: "e2e",
    from: "dev",
    network: ["198.18.0", "198.18.1"],
    ports: ["22", "23"],
  }),
  /** Three external etcd members, two control planes, two HAProxy with a virtual IP, and a worker. */
  external: new Suite({
    stack: "e2e-external",
    from: "external",
    network: ["198.18.2", "198.18.12"],
    ports: ["24", "34"],
  }),
  /** Three stacked control planes behind nginx, and a worker. */
  nginx: new Suite({
    stack: "e2e-nginx",
    from: "nginx",
    network: ["198.18.3", "198.18.13"],
    ports: ["25", "35"],
  }),
  /** Small clusters of every combination, one after the other. */
  matrix: new Suite({
    stack: "e2e-matrix",
    from: "external",
    network: ["198.18.2", "198.18.14"],
    ports: ["24", "36"],
  }),
  /** One control plane behind HAProxy, and two workers: for what is wrong with hosts. */
  preflight: new Suite({
    stack: "e2e-preflight",
    from: "dev",
    network: ["198.18.0", "198.18.23"],
    ports: ["22", "29"],
  }),
  /** Three stacked control planes behind HAProxy, and two workers: what happens to a cluster, and to a run. */
  faults: new Suite({
    stack: "faults",
    from: "dev",
    network: ["198.18.0", "198.18.26"],
    ports: ["22", "26"],
  }),
  /** The same as `external`: what happens to etcd's hosts, to two balancers, and to a run that makes them. */
  externalFaults: new Suite({
    stack: "faults-external",
    from: "external",
    network: ["198.18.2", "198.18.28"],
    ports: ["24", "28"],
  }),
  /** One external etcd member, one control plane behind HAProxy, and a worker: where secrets go. */
  secrets: new Suite({
    stack: "faults-secrets",
    from: "external",
    network: ["198.18.2", "198.18.29"],
    ports: ["24", "38"],
  }),
} as const;

/** A host that no stack of the product has: what other means have made, for the stories about such things. */
export const byHand = new Suite({
  stack: "e2e-byhand",
  from: "external",
  network: ["198.18.2", "198.18.15"],
  ports: ["24", "37"],
});

/** The names of {@link suites}. */
export type SuiteName = keyof typeof suites;

/** The stack that a folder's stories are about. */
export function suite(name: SuiteName): Suite {
  return suites[name];
}

/** All of them: their hosts are to be gone at the end. */
export const allSuites: readonly Suite[] = [...Object.values(suites), byHand];
