import type { Problem } from "../problem";
import type { Some } from "./parts";

/** Lists of which a cluster needs at least one machine. */
const needed = ["loadBalancer.hosts", "etcd.hosts", "controlPlanes"];

/** Not every machine of a kind is gone: nothing could be mended then. */
export function goneProblems({ hosts }: Some<"hosts">): Problem[] {
  return needed.flatMap((list) => {
    const own = hosts.filter(([path]) => path.startsWith(`${list}[`));
    if (own.length === 0 || own.some(([, host]) => !host.gone)) return [];
    const message =
      "all are gone: at least one must be left; for a cluster that is lost, `pulumi destroy` and make a new one";
    return [{ path: list, message }];
  });
}

/** Whether a list names a machine that is gone: for that one run its length means nothing. */
export function namesGone({ hosts }: Some<"hosts">, list: string): boolean {
  return hosts.some(([path, host]) => path.startsWith(`${list}[`) && host.gone);
}
