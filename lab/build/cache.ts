import { mkdirSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";

/**
 * Where builds are kept, shared by all checkouts of this user: `$KUBEADM_HA_CACHE`, else `$XDG_CACHE_HOME/kubeadm-ha`, else
 * `~/.cache/kubeadm-ha`. It is made when it is missing.
 */
export function cacheDirectory(): string {
  const { KUBEADM_HA_CACHE, XDG_CACHE_HOME } = process.env;
  const base = XDG_CACHE_HOME ? XDG_CACHE_HOME : path.join(homedir(), ".cache");
  const directory = path.resolve(
    KUBEADM_HA_CACHE ? KUBEADM_HA_CACHE : path.join(base, "kubeadm-ha"),
  );
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  return directory;
}
