import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";

import { cacheDirectory } from "./cache";

/**
 * The lab's settings for podman: runc, as crun needs rights that a machine without CAP_SYS_RESOURCE does not give. They lie in the
 * cache and count for this process and its children only, so nobody's own settings are changed. A user who has set
 * CONTAINERS_CONF keeps it.
 */
export function usePodmanSettings(): void {
  if (process.env.CONTAINERS_CONF !== undefined) return;
  const file = path.join(cacheDirectory(), "settings", "containers.conf");
  if (!existsSync(file)) {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, '[engine]\nruntime = "runc"\n');
  }
  process.env.CONTAINERS_CONF = file;
}
