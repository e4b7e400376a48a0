import { yamlDocument } from "./yaml";

/** What a kubeconfig says: where the API is, whom to trust, who one is. PEM texts, not base64. */
export interface KubeconfigParts {
  readonly clusterName: string;
  readonly userName: string;
  /** `host:port`. */
  readonly endpoint: string;
  readonly caCertificate: string;
  readonly clientCertificate: string;
  readonly clientKey: string;
}

/** A kubeconfig with one cluster, one user and one context. */
export function kubeconfig(parts: KubeconfigParts): string {
  const { clusterName, userName } = parts;
  const context = `${userName}@${clusterName}`;
  return yamlDocument({
    apiVersion: "v1",
    kind: "Config",
    clusters: [
      {
        name: clusterName,
        cluster: {
          server: `https://${parts.endpoint}`,
          "certificate-authority-data": base64(parts.caCertificate),
        },
      },
    ],
    users: [
      {
        name: userName,
        user: {
          "client-certificate-data": base64(parts.clientCertificate),
          "client-key-data": base64(parts.clientKey),
        },
      },
    ],
    contexts: [{ name: context, context: { cluster: clusterName, user: userName } }],
    "current-context": context,
  });
}

function base64(text: string): string {
  return Buffer.from(text, "utf8").toString("base64");
}
