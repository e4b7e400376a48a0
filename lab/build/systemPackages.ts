import { existsSync } from "node:fs";

import { Failure } from "../failure";
import type { Progress } from "../output";
import { attempt, capture, run } from "../process";

/** Debian packages that the lab itself uses on this machine, and what for. */
export const labPackages = [
  // Hosts and mirror: containers, their network, and its rules.
  ...["podman", "runc", "netavark", "aardvark-dns", "iptables", "iproute2"],
  "openssh-client",
  // Systems and packages.
  ...["mmdebstrap", "debian-archive-keyring", "apt-utils", "dpkg-dev", "gnupg"],
  // Images.
  ...["skopeo", "zstd"],
  // Programs in C.
  ...["gcc", "libc6-dev"],
  // Locks.
  "util-linux",
] as const;

/** How long apt may wait for another apt, and how long an installation may take, in seconds. */
const patience = { lock: 300, install: 1800 };

/**
 * Installs those of the packages that are missing. Where nothing is missing, nothing is asked of apt and no right is needed.
 *
 * @param packages Default: {@link labPackages}.
 * @throws Failure when something is missing and this is no Debian, not root, or apt fails.
 */
export async function ensureSystemPackages(
  report: Progress,
  packages: readonly string[] = labPackages,
): Promise<void> {
  const missing = await missingPackages(packages);
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0) {
    throw new Failure(
      `the lab needs packages that are missing here: as root, run: apt-get install ${missing.join(" ")}`,
    );
  }
  await report.step("packages", async (note) => {
    note(`installing ${missing.join(" ")}`);
    const options = ["-q", "-y", "-o", `DPkg::Lock::Timeout=${patience.lock}`];
    const apt = (...args: string[]): Promise<unknown> =>
      run("apt-get", [...options, ...args], {
        timeout: patience.install,
        env: { DEBIAN_FRONTEND: "noninteractive" },
      });
    // Often enough, what apt knows suffices; it is asked anew only where it does not.
    const install = ["install", "--no-install-recommends", ...missing];
    const first = await attempt("apt-get", [...options, "--simulate", ...install]);
    if (first.code !== 0) await apt("update");
    try {
      await apt(...install);
    } catch {
      await apt("update");
      await apt(...install);
    }
    return `${missing.length} installed`;
  });
}

async function missingPackages(packages: readonly string[]): Promise<string[]> {
  if (!existsSync("/usr/bin/dpkg-query")) {
    throw new Failure("the lab runs on Debian 12 and its relatives: this machine has no dpkg");
  }
  // Fails when a package is unknown, but still tells about the others.
  const format = "${Package} ${db:Status-Abbrev}\n";
  const told = await attempt("dpkg-query", ["--show", "--showformat", format, ...packages]);
  const installed = new Set([...told.stdout.matchAll(/^(\S+) [ih]i/gm)].map((match) => match[1]));
  return packages.filter((name) => !installed.has(name));
}

/** The oldest Go that can build the lab's programs: as their go.mod files say. */
const oldestGo = [1, 26] as const;

/**
 * Looks whether Go is there and new enough. It is the one thing that the lab cannot install: Debian 12 has none so new.
 *
 * @throws Failure that says what to install.
 */
export async function requireGo(): Promise<void> {
  const wanted = `Go ${oldestGo.join(".")} or newer`;
  let told: string;
  try {
    told = await capture("go", ["env", "GOVERSION"], { env: { GOTOOLCHAIN: "local" } });
  } catch {
    throw new Failure(
      `the lab builds its programs with ${wanted}: install it (Debian 12 itself has an older one)`,
    );
  }
  const [, major = 0, minor = 0] = (/^go(\d+)\.(\d+)/.exec(told) ?? []).map(Number);
  if (major > oldestGo[0] || (major === oldestGo[0] && minor >= oldestGo[1])) return;
  throw new Failure(
    `the lab builds its programs with ${wanted}, and this is ${told}: install a newer one`,
  );
}
