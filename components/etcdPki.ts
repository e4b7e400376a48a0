import * as pulumi from "@pulumi/pulumi";

import type { ExternalEtcdSpec } from "../config/spec";
import type { Trust } from "./clusterPki";
import { Certificates, type Authority, type Leaf, type LeafArgs } from "./pki/certificates";

/** What an {@link EtcdPki} needs. */
export interface EtcdPkiArgs {
  readonly clusterName: string;
  readonly etcd: ExternalEtcdSpec;
  /** The cluster's etcd CA. */
  readonly authority: Authority;
  /** All hosts have been found fit: a run that is refused makes no certificates for others than before. */
  readonly gate: pulumi.Resource;
}

/** A member's certificates. */
interface MemberCertificates {
  readonly server: Leaf;
  readonly peer: Leaf;
}

/**
 * The certificates of an external etcd: a server's and a peer's for each member, one for the API servers, one for the
 * members' own health checks. Unlike the CAs they are renewed: once one is within `earlyRenewalHours` of its end, the next
 * run shows and makes its replacement.
 */
export class EtcdPki extends pulumi.ComponentResource {
  /** How API servers log in (the key is secret). */
  readonly apiServerClient: Leaf;

  private readonly members: ReadonlyMap<string, MemberCertificates>;
  private readonly health: Leaf;
  private readonly authority: Authority;

  constructor(args: EtcdPkiArgs, opts?: pulumi.ComponentResourceOptions) {
    const { clusterName, etcd, authority, gate } = args;
    super("kubeadm-ha:index:EtcdPki", `${clusterName}-etcd-pki`, {}, opts);
    this.authority = authority;
    const certificates = new Certificates(this, `${clusterName}-etcd`, [gate]);
    const { validityHours, earlyRenewalHours } = etcd.certificates;
    const leaf = (
      name: string,
      leafArgs: Omit<LeafArgs, "validityHours" | "earlyRenewalHours">,
    ): Leaf =>
      certificates.leaf(name, authority, { ...leafArgs, validityHours, earlyRenewalHours });

    this.members = new Map(
      etcd.hosts.map(({ name, address }) => {
        const member = {
          commonName: name,
          dnsNames: [name, "localhost"],
          ipAddresses: [address, "127.0.0.1"],
          // A member is a client too: of its peers, and of itself for the gateway and for health checks.
          use: "both",
        } as const;
        return [
          name,
          { server: leaf(`${name}-server`, member), peer: leaf(`${name}-peer`, member) },
        ];
      }),
    );
    this.apiServerClient = leaf("api-server-client", {
      commonName: "kube-apiserver-etcd-client",
      use: "client",
    });
    this.health = leaf("health-client", { commonName: "kubeadm-ha-etcd-health", use: "client" });
    this.registerOutputs();
  }

  /** What a member is entrusted with (secret). */
  memberTrust(name: string): Trust<"trust-etcd"> {
    const { server, peer } = this.of(name);
    return {
      ETCD_CA_CERTIFICATE: this.authority.certificate.certPem,
      SERVER_CERTIFICATE: server.certificate,
      SERVER_KEY: server.key,
      PEER_CERTIFICATE: peer.certificate,
      PEER_KEY: peer.key,
      HEALTH_CERTIFICATE: this.health.certificate,
      HEALTH_KEY: this.health.key,
    };
  }

  /** A member's certificates (PEM, not secret): the server's and the peer's. */
  memberCertificates(name: string): pulumi.Output<[server: string, peer: string]> {
    const { server, peer } = this.of(name);
    return pulumi.all([server.certificate, peer.certificate]);
  }

  private of(name: string): MemberCertificates {
    const member = this.members.get(name);
    if (member === undefined) throw new Error(`no etcd member is called ${name}`);
    return member;
  }
}
