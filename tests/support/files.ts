import { execFileSync } from "node:child_process";

/** A self-signed certificate that begins to be valid now, as the stack's CAs do. */
export function caCertificate(): string {
  const args =
    "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=kubernetes -keyout /dev/null";
  return execFileSync("openssl", args.split(" "), { encoding: "utf8", stdio: "pipe" });
}

/** Files of the cluster's PKI, by their path below a pki folder. */
export const pkiFiles = [
  "ca.crt",
  "ca.key",
  "front-proxy-ca.crt",
  "front-proxy-ca.key",
  "sa.key",
  "sa.pub",
  "etcd/ca.crt",
  "etcd/ca.key",
] as const;
