import { createHash } from "node:crypto";

import type { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

import type { ExternalEtcdSpec } from "../config/spec";
import { etcdEndpointsOf } from "../config/topology";
import { EtcdPki } from "./etcdPki";
import type { Host } from "./host";
import type { Authority, Leaf } from "./pki/certificates";
import { runProgram, runStep, type StepInputs } from "./remote/command";
import { etcdEnvironment, etcdUnit } from "./render/etcd";

/** What an {@link EtcdCluster} needs. */
export interface EtcdClusterArgs {
  readonly clusterName: string;
  readonly clusterId: pulumi.Input<string>;
  readonly etcd: ExternalEtcdSpec;
  /** etcd's exact version. */
  readonly version: string;
  /** The members, in the order of the stack file. The first founds the cluster, and steps for all of it run there. */
  readonly hosts: readonly Host[];
  /** The cluster's etcd CA. */
  readonly authority: Authority;
  /** All hosts have been found fit. */
  readonly gate: pulumi.Resource;
}

/**
 * etcd on hosts of its own. Founded once, by a resource that never changes again; then every member joins in its turn: as
 * a learner that is promoted when it is in sync, today as in a year, and without effect where it is a member already.
 */
export class EtcdCluster extends pulumi.ComponentResource {
  /** Where API servers reach the members. */
  readonly endpoints: readonly string[];
  /** The wanted members are recorded; what would cost etcd its majority has been refused. */
  readonly admitted: remote.Command;
  /** Every member is one, and healthy. */
  readonly formed: readonly remote.Command[];
  /** The ids of the members. */
  readonly memberIds: readonly pulumi.Output<string>[];

  /** How API servers log in. */
  readonly apiServerClient: Leaf;

  private readonly name: string;
  private readonly args: EtcdClusterArgs;
  private readonly pki: EtcdPki;

  constructor(name: string, args: EtcdClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kubeadm-ha:index:EtcdCluster", name, {}, opts);
    this.name = name;
    this.args = args;
    const { hosts, clusterId, version } = args;
    this.pki = new EtcdPki(args, { parent: this });
    this.apiServerClient = this.pki.apiServerClient;
    for (const host of hosts) host.entrust("trust-etcd", this.pki.memberTrust(host.name));
    this.endpoints = etcdEndpointsOf({ hosts: args.etcd.hosts });
    const first = this.first();
    const founded = runProgram(`${name}-found`, "found-etcd", first.target, this.member(first), {
      parent: this,
      dependsOn: [first.trusted],
      // Whatever changes later: a cluster is founded once.
      options: { ignoreChanges: ["*"] },
    });
    this.admitted = runProgram(
      `${name}-admit`,
      "admit-etcd",
      first.target,
      {
        HOST_NAME: first.name,
        CLUSTER_ID: clusterId,
        ETCD_VERSION: version,
        MEMBERS: hosts.map((host) => `${host.name} ${host.address} ${host.identity}\n`).join(""),
      },
      { parent: this, dependsOn: [founded, first.trusted], publicOutput: true },
    );
    const formed: remote.Command[] = [];
    for (const host of hosts) formed.push(this.join(host, formed.at(-1) ?? this.admitted));
    this.formed = formed;
    this.memberIds = formed.map(({ stdout }) => stdout);
    this.registerOutputs();
  }

  /**
   * Takes away the members that the stack no longer has, and proves that the rest are healthy.
   *
   * @param after what must no longer need those members: the API servers' settings.
   * @returns a Command that prints the members' ids, one a line.
   */
  roster(after: readonly remote.Command[]): remote.Command {
    const { hosts, clusterId } = this.args;
    const first = this.first();
    return runProgram(
      `${this.name}-roster`,
      "roster-etcd",
      first.target,
      {
        HOST_NAME: first.name,
        CLUSTER_ID: clusterId,
        MEMBERS: pulumi
          .all([...this.memberIds])
          .apply((ids) =>
            hosts.map((host, i) => `${host.name} ${host.address} ${ids[i] ?? ""}\n`).join(""),
          ),
        // Who joined in a run that failed before the roster, and then left the stack file, changes nothing else here.
        LEAVING: this.admitted.stdout,
      },
      { parent: this, dependsOn: [...this.formed, ...after], publicOutput: true },
    );
  }

  private join(host: Host, after: remote.Command): remote.Command {
    return runStep(
      `${host.name}-join`,
      "join-etcd",
      host.target,
      {
        ...this.member(host),
        GENERATION: String(host.generation),
        // A renewed one is brought to the member in its turn.
        CERTIFICATES: this.pki
          .memberCertificates(host.name)
          .apply((certificates) => certificates.map(sha256).join(" ")),
      },
      { parent: this, dependsOn: [host.trusted, after], publicOutput: true },
    );
  }

  private member(host: Host): StepInputs<"found-etcd"> {
    const { etcd, version, hosts, clusterId } = this.args;
    return {
      HOST_NAME: host.name,
      ADDRESS: host.address,
      CLUSTER_ID: clusterId,
      ETCD_VERSION: version,
      ETCD_ENVIRONMENT: etcdEnvironment({
        ...etcd,
        version,
        name: host.name,
        address: host.address,
      }),
      ETCD_UNIT: etcdUnit({ version, service: etcd.service }),
      MEMBERS: hosts.map(({ name, address }) => `${name} ${address}\n`).join(""),
    };
  }

  private first(): Host {
    const [first] = this.args.hosts;
    if (first === undefined) throw new Error("validation lets no etcd without a host pass");
    return first;
  }
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
