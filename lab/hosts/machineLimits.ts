import { readFileSync, writeFileSync } from "node:fs";

import { Failure } from "../failure";

/**
 * The kernel's limits that all hosts share, because they share one kernel: what this many systemds, kubelets and
 * kube-proxies need. The kernel's default of 128 inotify instances ends with "too many open files" in some kube-proxy.
 */
const limits: Readonly<Record<string, number>> = {
  "/proc/sys/fs/inotify/max_user_instances": 8192,
  "/proc/sys/fs/inotify/max_user_watches": 524288,
};

/**
 * Raises this machine's limits until its next boot, where they are lower.
 *
 * @throws Failure that names the setting where it cannot be changed.
 */
export function raiseMachineLimits(): void {
  for (const [file, least] of Object.entries(limits)) {
    if (Number(readFileSync(file, "utf8")) >= least) continue;
    try {
      writeFileSync(file, String(least));
    } catch {
      const name = file.replace("/proc/sys/", "").replaceAll("/", ".");
      throw new Failure(`${name} is too low for the lab's hosts: sysctl -w ${name}=${least}`);
    }
  }
}
