import type { MirrorSpec } from "../../config/spec";
import { minorOf } from "../../config/versions";

/** File with the key that signs the repository. */
export const aptKeyFile = "/etc/apt/keyrings/kubeadm-ha.asc";

/**
 * The line of apt's source list: the mirror, or the Kubernetes project's repository of the wanted minor version
 * (pkgs.k8s.io has one for each minor).
 */
export function aptSource(mirror: MirrorSpec["apt"], kubernetesVersion: string): string {
  if (mirror !== undefined) {
    const { url, suite, components } = mirror;
    return ["deb", `[signed-by=${aptKeyFile}]`, url, suite, ...components].join(" ") + "\n";
  }
  return `deb [signed-by=${aptKeyFile}] ${upstreamRepository(kubernetesVersion)} /\n`;
}

/** Where the upstream repository's signing key is fetched; empty with a mirror, whose key is in the stack file. */
export function aptKeyUrl(mirror: MirrorSpec["apt"], kubernetesVersion: string): string {
  return mirror === undefined ? `${upstreamRepository(kubernetesVersion)}Release.key` : "";
}

function upstreamRepository(kubernetesVersion: string): string {
  return `https://pkgs.k8s.io/core:/stable:/v1.${minorOf(kubernetesVersion)}/deb/`;
}
