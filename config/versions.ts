/** Lowest and highest Kubernetes minor version that the product renders configuration for. */
export const supportedMinors = { lowest: 30, highest: 37 } as const;

/** Kubernetes minors of which a real cluster has been made on the project's lab; the others are only golden-tested. */
export const triedMinors: readonly number[] = [37];

/** The minor version of `1.37.2` is `37`. */
export function minorOf(version: string): number {
  return Number(version.split(".")[1]);
}

/** kubeadm's configuration API: `v1beta4` exists since 1.31 and is the only one since 1.36 (kubeadm's release notes). */
export type KubeadmApi = "v1beta3" | "v1beta4";

/** The kubeadm configuration API to write for a Kubernetes version. */
export function kubeadmApi(version: string): KubeadmApi {
  return minorOf(version) < 31 ? "v1beta3" : "v1beta4";
}

/** Whether a version such as `3.5.9` is older than another. */
export function isOlder(version: string, than: string): boolean {
  const [left, right] = [version, than].map((text) => text.split(".").map(Number));
  for (const [i, number] of (left ?? []).entries()) {
    const other = right?.[i] ?? 0;
    if (number !== other) return number < other;
  }
  return false;
}
