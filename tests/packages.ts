import { existsSync, rmSync, writeFileSync } from "node:fs";

import { ensureSystemPackages } from "../lab/build/systemPackages";
import type { Progress } from "../lab/output";
import { attempt } from "../lab/process";

/** What the tests themselves use on this machine, beside what the lab needs. */
const packages = [
  // Judges of scripts, of a balancer's configuration, of certificates.
  ...["shellcheck", "shfmt", "haproxy", "openssl"],
  // The throw-away machine for scripts (tests/support/sandbox.ts), and what scripts expect on theirs.
  ...["util-linux", "iproute2", "perl-base", "procps", "jq"],
];

/** Debian's own switch: where this file says 101, no package starts a service. */
const policy = "/usr/sbin/policy-rc.d";

/**
 * Installs the Debian packages that the tests use and that are missing. HAProxy is there to judge configurations: its
 * service neither starts now nor at the next boot.
 *
 * @throws Failure when something is missing and cannot be installed.
 */
export async function ensureTestPackages(report: Progress): Promise<void> {
  const bringsService = !existsSync("/usr/sbin/haproxy") && process.getuid?.() === 0;
  const forbid = bringsService && !existsSync(policy);
  if (forbid) writeFileSync(policy, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  try {
    await ensureSystemPackages(report, packages);
  } finally {
    if (forbid) rmSync(policy);
  }
  if (bringsService && existsSync("/run/systemd/system")) {
    await attempt("systemctl", ["disable", "haproxy"]);
  }
}
