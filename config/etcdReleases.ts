import { isOlder, minorOf } from "./versions";

/** The processor architectures that the product supports, as etcd names its archives. */
export type Architecture = "amd64" | "arm64";

/** SHA-256 of a release's archive for each architecture, as 64 hexadecimal digits. */
export type ArchiveChecksums = Readonly<Record<Architecture, string>>;

/**
 * The newest etcd known that goes with a Kubernetes version: of the minor version that its kubeadm brings for stacked
 * etcd (`DefaultEtcdVersion` in kubeadm's constants: 3.5 until 1.33, 3.6 until 1.36, 3.7 with 1.37).
 */
export function defaultEtcdVersion(kubernetesVersion: string): string {
  const minor = minorOf(kubernetesVersion);
  if (minor <= 33) return "3.5.35";
  return minor <= 36 ? "3.6.16" : "3.7.3";
}

/**
 * The oldest external etcd that a Kubernetes version's kubeadm takes: `MinExternalEtcdVersion` in
 * `cmd/kubeadm/app/constants`, read in the releases on both sides of each change.
 *
 * 1.30 would take 3.4.13; the product writes settings for 3.5 and newer. 1.31 to 1.33 began with 3.5.11 and 1.34 with
 * 3.5.21; the patches 1.31.14, 1.32.10, 1.33.6 and 1.34.2 raised them all to 3.5.24, which it still is in 1.37.2.
 */
export function lowestEtcdVersion(kubernetesVersion: string): string {
  const minor = minorOf(kubernetesVersion);
  if (minor <= 30) return "3.5.0";
  const raised = { 31: "1.31.14", 32: "1.32.10", 33: "1.33.6", 34: "1.34.2" }[minor];
  if (raised === undefined || !isOlder(kubernetesVersion, raised)) return "3.5.24";
  return minor === 34 ? "3.5.21" : "3.5.11";
}

/** Ranges of releases that must not be used, both ends included. The reasons are etcd's own announcements. */
const badReleases: readonly (readonly [first: string, last: string, reason: string])[] = [
  [
    "3.5.0",
    "3.5.2",
    "its members' data can differ after a crash under load (etcd issue 13766, fixed in 3.5.3)",
  ],
  [
    "3.5.3",
    "3.5.5",
    "its data can be inconsistent after a crash while it defragments (etcd's announcement of 3.5.6)",
  ],
  [
    "3.6.0",
    "3.6.3",
    "a member that was promoted may be a learner again after a restart, which stops etcd (etcd issue 20340, fixed in 3.6.4)",
  ],
];

/** Why an etcd release must not be used; undefined for one that nothing is known against. */
export function badEtcdRelease(version: string): string | undefined {
  return badReleases.find(
    ([first, last]) => !isOlder(version, first) && !isOlder(last, version),
  )?.[2];
}

/**
 * Checksums of releases that the product knows by itself. There are none: only etcd's own SHA256SUMS says them with
 * authority, and a wrong one here would be worse than asking for that file (docs/adr/0015).
 */
const knownChecksums: Readonly<Record<string, ArchiveChecksums>> = {};

/** The checksums of a release's archives; undefined where the stack must bring them (`etcd.checksumsFile`). */
export function etcdChecksums(version: string): ArchiveChecksums | undefined {
  return knownChecksums[version];
}

/**
 * Reads a release's checksums from the text of a SHA256SUMS as etcd publishes it with each release: a line for each file,
 * 64 hexadecimal digits, blanks, its name. Lines of other files, and of other releases, do not matter.
 */
export function parseChecksums(
  sha256sums: string,
  version: string,
): Partial<Record<Architecture, string>> {
  const found: Partial<Record<Architecture, string>> = {};
  for (const line of sha256sums.split("\n")) {
    const [, sum, file] = /^([0-9a-fA-F]{64})\s+\*?(?:\.\/)?(\S+)\s*$/.exec(line) ?? [];
    for (const architecture of ["amd64", "arm64"] as const) {
      if (sum !== undefined && file === `etcd-v${version}-linux-${architecture}.tar.gz`) {
        found[architecture] = sum.toLowerCase();
      }
    }
  }
  return found;
}
