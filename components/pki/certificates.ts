import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";

/** A certificate authority of the stack. */
export interface Authority {
  readonly key: tls.PrivateKey;
  readonly certificate: tls.SelfSignedCert;
}

/** What a certificate says of its owner, and for how long. */
export interface LeafArgs {
  readonly commonName: string;
  readonly organization?: string;
  readonly dnsNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
  /** For connections that its owner makes (`client`), or for those as well as for those that it accepts (`both`). */
  readonly use: "client" | "both";
  readonly validityHours: number;
  /**
   * How long before its end the next run replaces the certificate. Without it, nothing ever does: neither time nor a
   * change of any other argument.
   */
  readonly earlyRenewalHours?: number;
}

/** A key and its certificate, both PEM; the key is secret. */
export interface Leaf {
  readonly key: pulumi.Output<string>;
  readonly certificate: pulumi.Output<string>;
}

/** Ten years, kubeadm's own validity for CAs. */
export const caValidityHours = 10 * 365 * 24;

/** Makes keys and certificates under one parent, their logical names beginning with one prefix. */
export class Certificates {
  /** @param after what must be there before a certificate is made. */
  constructor(
    private readonly parent: pulumi.Resource,
    private readonly prefix: string,
    private readonly after: readonly pulumi.Resource[] = [],
  ) {}

  /** Options of what nothing may ever replace by accident. */
  forever(): pulumi.CustomResourceOptions {
    return { parent: this.parent, ignoreChanges: ["*"] };
  }

  /** An ECDSA key on the curve P-256, which is never made anew. */
  privateKey(name: string): tls.PrivateKey {
    return new tls.PrivateKey(
      this.named(name),
      { algorithm: "ECDSA", ecdsaCurve: "P256" },
      this.forever(),
    );
  }

  /** A CA of ten years, which is never made anew. */
  authority(name: string, commonName: string): Authority {
    const key = this.privateKey(name);
    const certificate = new tls.SelfSignedCert(
      this.named(name),
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

  /** A key and a certificate that the authority issues for it. */
  leaf(name: string, ca: Authority, args: LeafArgs): Leaf {
    const { commonName, organization, dnsNames, ipAddresses, validityHours, earlyRenewalHours } =
      args;
    const renewed = earlyRenewalHours !== undefined;
    const dependsOn = [...this.after];
    const options = { ...(renewed ? { parent: this.parent } : this.forever()), dependsOn };
    const key = this.privateKey(name);
    const request = new tls.CertRequest(
      this.named(name),
      {
        privateKeyPem: key.privateKeyPem,
        subject: { commonName, ...(organization !== undefined && { organization }) },
        ...(dnsNames !== undefined && { dnsNames: [...dnsNames] }),
        ...(ipAddresses !== undefined && { ipAddresses: [...ipAddresses] }),
      },
      options,
    );
    const certificate = new tls.LocallySignedCert(
      this.named(name),
      {
        certRequestPem: request.certRequestPem,
        caPrivateKeyPem: ca.key.privateKeyPem,
        caCertPem: ca.certificate.certPem,
        allowedUses: [
          "digital_signature",
          "key_encipherment",
          ...(args.use === "both" ? ["server_auth"] : []),
          "client_auth",
        ],
        validityPeriodHours: validityHours,
        ...(renewed && { earlyRenewalHours }),
      },
      options,
    );
    return { key: key.privateKeyPem, certificate: certificate.certPem };
  }

  private named(name: string): string {
    return `${this.prefix}-${name}`;
  }
}
