import { existsSync, rmSync, writeFileSync } from "node:fs";

import { ensureSystemPackages } from "../lab/build/systemPackages";
import type { Progress } from "../lab/output";
import { attempt } from "../lab/process";

/** What the tests themselves use on this machine, beside what the lab needs. */
const packages = [
  // Judges of scripts and of certificates, and what makes keys.
  ...["shellcheck", "shfmt", "openssl", "openssh-client"],
  // Judges of a balancer's configuration.
  ...["haproxy", "nginx", "libnginx-mod-stream", "keepalived"],
  // The throw-away machine for scripts (tests/support/sandbox.ts), and what scripts expect on theirs.
  ...["util-linux", "iproute2", "perl-base", "procps", "jq"],
];

/** Of these, what brings a service. */
const services = ["haproxy", "nginx", "keepalived"];

/** Debian's own switch: where this file says 101, no package starts a service. */
const policy = "/usr/sbin/policy-rc.d";

/**
 * Installs the Debian packages that the tests use and that are missing. The balancers are there to judge configurations:
 * no service of theirs starts, now or at the next boot.
 *
 * @throws Failure when something is missing and cannot be installed.
 */
export async function ensureTestPackages(report: Progress): Promise<void> {
  const root = process.getuid?.() === 0;
  const brought = services.filter((name) => root && !existsSync(`/usr/sbin/${name}`));
  const forbid = brought.length > 0 && !existsSync(policy);
  if (forbid) writeFileSync(policy, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  try {
    await ensureSystemPackages(report, packages);
  } finally {
    if (forbid) rmSync(policy);
  }
  if (brought.length > 0 && existsSync("/run/systemd/system")) {
    await attempt("systemctl", ["disable", ...brought]);
  }
}
