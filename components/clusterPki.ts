import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type * as tls from "@pulumi/tls";

import { caValidityHours, Certificates, type Authority, type Leaf } from "./pki/certificates";
import type { StepInputs } from "./remote/command";
import { joinGroup } from "./render/joinRbac";
import { kubeconfig } from "./render/kubeconfig";

/** What a step takes beside the host that it runs on. */
export type Trust<S extends "trust-control-plane" | "trust-worker" | "trust-etcd"> = Omit<
  StepInputs<S>,
  "HOST_NAME" | "GENERATION"
>;

/** How API servers log in to an external etcd (PEM). */
export interface EtcdClient {
  readonly key: pulumi.Input<string>;
  readonly certificate: pulumi.Input<string>;
}

/** What a {@link ClusterPki} needs. */
export interface ClusterPkiArgs {
  readonly clusterName: string;
  /** The control-plane endpoint, `host:port`: where the kubeconfigs lead. */
  readonly endpoint: string;
}

/** The client certificates live as long as their CA: a new one would change the input of every join. */
const clientValidityHours = caValidityHours;

const administratorName = "kubernetes-admin";

/**
 * The cluster's identity and trust: its id, its CAs (Kubernetes, front proxy, etcd), the service-account key, and the
 * client certificates of the administrator and of joining hosts. All of it lives encrypted in the stack's state, so no
 * node holds the only copy, and nothing has to be uploaded or fetched for a join.
 *
 * CAs and keys ignore every change of their inputs: nothing may ever replace them by accident.
 */
export class ClusterPki extends pulumi.ComponentResource {
  /** Random, hexadecimal; hosts and the cluster's record carry it. */
  readonly clusterId: pulumi.Output<string>;
  /** The Kubernetes CA's certificate (PEM, not secret). */
  readonly caCertificate: pulumi.Output<string>;
  /** An administrator's kubeconfig (secret). */
  readonly kubeconfig: pulumi.Output<string>;
  /** Issues etcd's certificates: kubeadm does on stacked control planes, the stack itself with external etcd. */
  readonly etcdAuthority: Authority;
  /** What workers are entrusted with (secret). */
  readonly workerTrust: Trust<"trust-worker">;

  private readonly ca: Authority;
  private readonly frontProxyCa: Authority;
  private readonly serviceAccount: tls.PrivateKey;
  private readonly administrator: Leaf;

  constructor(args: ClusterPkiArgs, opts?: pulumi.ComponentResourceOptions) {
    const { clusterName, endpoint } = args;
    super("kubeadm-ha:index:ClusterPki", `${clusterName}-pki`, {}, opts);
    const certificates = new Certificates(this, clusterName);

    this.clusterId = new random.RandomId(
      `${clusterName}-id`,
      { byteLength: 8 },
      certificates.forever(),
    ).hex;
    this.ca = certificates.authority("ca", "kubernetes");
    this.frontProxyCa = certificates.authority("front-proxy-ca", "front-proxy-ca");
    this.etcdAuthority = certificates.authority("etcd-ca", "etcd-ca");
    this.serviceAccount = certificates.privateKey("service-account");

    const client = (user: string, organization: string): Leaf =>
      certificates.leaf(user, this.ca, {
        commonName: user,
        organization,
        use: "client",
        validityHours: clientValidityHours,
      });
    // kubeadm binds this group to cluster-admin; unlike system:masters it can be revoked.
    this.administrator = client(administratorName, "kubeadm:cluster-admins");
    const joiner = client("kubeadm-ha-joiner", joinGroup);

    this.caCertificate = this.ca.certificate.certPem;
    this.kubeconfig = pulumi.secret(
      pulumi
        .all([this.caCertificate, this.administrator.certificate, this.administrator.key])
        .apply(([caCertificate, clientCertificate, clientKey]) =>
          kubeconfig({
            clusterName,
            userName: administratorName,
            endpoint,
            caCertificate,
            clientCertificate,
            clientKey,
          }),
        ),
    );
    this.workerTrust = {
      CA_CERTIFICATE: this.caCertificate,
      CLUSTER_NAME: clusterName,
      ENDPOINT: endpoint,
      JOIN_CERTIFICATE: joiner.certificate,
      JOIN_KEY: joiner.key,
    };
    this.registerOutputs();
  }

  /**
   * What control planes are entrusted with (secret).
   *
   * @param etcdClient the API servers' certificate for an external etcd; without it etcd is stacked, and control planes get
   *   the key of its CA, with which kubeadm issues what the members need.
   */
  controlPlaneTrust(etcdClient: EtcdClient | undefined): Trust<"trust-control-plane"> {
    const { ca, frontProxyCa, etcdAuthority, serviceAccount, administrator } = this;
    return {
      ...this.workerTrust,
      CA_KEY: ca.key.privateKeyPem,
      FRONT_PROXY_CA_CERTIFICATE: frontProxyCa.certificate.certPem,
      FRONT_PROXY_CA_KEY: frontProxyCa.key.privateKeyPem,
      ETCD_CA_CERTIFICATE: etcdAuthority.certificate.certPem,
      ETCD_CA_KEY: etcdClient === undefined ? etcdAuthority.key.privateKeyPem : "",
      ETCD_CLIENT_CERTIFICATE: etcdClient?.certificate ?? "",
      ETCD_CLIENT_KEY: etcdClient?.key ?? "",
      SERVICE_ACCOUNT_KEY: serviceAccount.privateKeyPem,
      SERVICE_ACCOUNT_PUBLIC_KEY: serviceAccount.publicKeyPem,
      ADMIN_CERTIFICATE: administrator.certificate,
      ADMIN_KEY: administrator.key,
    };
  }
}
