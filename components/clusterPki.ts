import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import * as tls from "@pulumi/tls";

import { joinGroup } from "./render/joinRbac";
import { kubeconfig } from "./render/kubeconfig";

/** The parameters of the trust steps that hold keys: what a host of a role is trusted with. */
export interface Credentials {
  readonly controlPlane: {
    readonly CA_CERTIFICATE: pulumi.Output<string>;
    readonly CA_KEY: pulumi.Output<string>;
    readonly FRONT_PROXY_CA_CERTIFICATE: pulumi.Output<string>;
    readonly FRONT_PROXY_CA_KEY: pulumi.Output<string>;
    readonly ETCD_CA_CERTIFICATE: pulumi.Output<string>;
    readonly ETCD_CA_KEY: pulumi.Output<string>;
    readonly SERVICE_ACCOUNT_KEY: pulumi.Output<string>;
    readonly SERVICE_ACCOUNT_PUBLIC_KEY: pulumi.Output<string>;
    readonly ADMIN_KUBECONFIG: pulumi.Output<string>;
    readonly JOIN_KUBECONFIG: pulumi.Output<string>;
  };
  readonly worker: {
    readonly CA_CERTIFICATE: pulumi.Output<string>;
    readonly JOIN_KUBECONFIG: pulumi.Output<string>;
  };
}

/** What a {@link ClusterPki} needs. */
export interface ClusterPkiArgs {
  readonly clusterName: string;
  /** The control-plane endpoint, `host:port`: where the kubeconfigs lead. */
  readonly endpoint: string;
}

interface Authority {
  readonly key: tls.PrivateKey;
  readonly certificate: tls.SelfSignedCert;
}

/** Ten years, kubeadm's own validity for CAs. */
const caValidityHours = 10 * 365 * 24;
/** The client certificates live as long as their CA: a new one would change the input of every join. */
const clientValidityHours = caValidityHours;

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
  /** What hosts are entrusted with (secret). */
  readonly credentials: Credentials;

  private readonly clusterName: string;

  constructor(args: ClusterPkiArgs, opts?: pulumi.ComponentResourceOptions) {
    const { clusterName, endpoint } = args;
    super("kubeadm-ha:index:ClusterPki", `${clusterName}-pki`, {}, opts);
    this.clusterName = clusterName;

    this.clusterId = new random.RandomId(
      `${clusterName}-id`,
      { byteLength: 8 },
      this.forever(),
    ).hex;
    const ca = this.authority("ca", "kubernetes");
    const frontProxyCa = this.authority("front-proxy-ca", "front-proxy-ca");
    const etcdCa = this.authority("etcd-ca", "etcd-ca");
    const serviceAccount = this.privateKey("service-account");

    const conf = (user: string, organization: string): pulumi.Output<string> => {
      const { key, certificate } = this.client(user, organization, ca);
      return pulumi.secret(
        pulumi
          .all([ca.certificate.certPem, certificate.certPem, key.privateKeyPem])
          .apply(([caCertificate, clientCertificate, clientKey]) =>
            kubeconfig({
              clusterName,
              userName: user,
              endpoint,
              caCertificate,
              clientCertificate,
              clientKey,
            }),
          ),
      );
    };
    this.caCertificate = ca.certificate.certPem;
    // kubeadm binds this group to cluster-admin; unlike system:masters it can be revoked.
    this.kubeconfig = conf("kubernetes-admin", "kubeadm:cluster-admins");
    const joinKubeconfig = conf("kubeadm-ha-joiner", joinGroup);

    const worker = { CA_CERTIFICATE: this.caCertificate, JOIN_KUBECONFIG: joinKubeconfig };
    this.credentials = {
      worker,
      controlPlane: {
        ...worker,
        CA_KEY: ca.key.privateKeyPem,
        FRONT_PROXY_CA_CERTIFICATE: frontProxyCa.certificate.certPem,
        FRONT_PROXY_CA_KEY: frontProxyCa.key.privateKeyPem,
        ETCD_CA_CERTIFICATE: etcdCa.certificate.certPem,
        ETCD_CA_KEY: etcdCa.key.privateKeyPem,
        SERVICE_ACCOUNT_KEY: serviceAccount.privateKeyPem,
        SERVICE_ACCOUNT_PUBLIC_KEY: serviceAccount.publicKeyPem,
        ADMIN_KUBECONFIG: this.kubeconfig,
      },
    };
    this.registerOutputs();
  }

  private forever(): pulumi.CustomResourceOptions {
    return { parent: this, ignoreChanges: ["*"] };
  }

  private privateKey(name: string): tls.PrivateKey {
    return new tls.PrivateKey(
      `${this.clusterName}-${name}`,
      { algorithm: "ECDSA", ecdsaCurve: "P256" },
      this.forever(),
    );
  }

  private authority(name: string, commonName: string): Authority {
    const key = this.privateKey(name);
    const certificate = new tls.SelfSignedCert(
      `${this.clusterName}-${name}`,
      {
        privateKeyPem: key.privateKeyPem,
        subject: { commonName },
        dnsNames: [commonName],
        isCaCertificate: true,
        setSubjectKeyId: true,
        allowedUses: ["cert_signing", "crl_signing", "digital_signature", "key_encipherment"],
        validityPeriodHours: caValidityHours,
      },
      this.forever(),
    );
    return { key, certificate };
  }

  private client(
    commonName: string,
    organization: string,
    ca: Authority,
  ): { key: tls.PrivateKey; certificate: tls.LocallySignedCert } {
    const key = this.privateKey(commonName);
    const request = new tls.CertRequest(
      `${this.clusterName}-${commonName}`,
      { privateKeyPem: key.privateKeyPem, subject: { commonName, organization } },
      this.forever(),
    );
    const certificate = new tls.LocallySignedCert(
      `${this.clusterName}-${commonName}`,
      {
        certRequestPem: request.certRequestPem,
        caPrivateKeyPem: ca.key.privateKeyPem,
        caCertPem: ca.certificate.certPem,
        allowedUses: ["digital_signature", "key_encipherment", "client_auth"],
        validityPeriodHours: clientValidityHours,
      },
      this.forever(),
    );
    return { key, certificate };
  }
}
