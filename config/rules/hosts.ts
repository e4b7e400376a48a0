import { hostsWithPaths, type Problem } from "../problem";
import type { HostSpec, Spec } from "../spec";

/** Each machine has one entry, one name, one address and one role. */
export function duplicateProblems(spec: Spec): Problem[] {
  const hosts = hostsWithPaths(spec);
  const problems: Problem[] = [];
  const dial = (host: HostSpec): string =>
    `${host.ssh?.host ?? host.address}:${host.ssh?.port ?? spec.ssh.port}`;
  const rules: readonly (readonly [string, (host: HostSpec) => string])[] = [
    ["name", (host) => host.name],
    ["address", (host) => host.address],
    ["ssh", dial],
  ];
  for (const [field, valueOf] of rules) {
    const seen = new Map<string, string>();
    for (const [path, host] of hosts) {
      const value = valueOf(host);
      const first = seen.get(value);
      if (first === undefined) seen.set(value, path);
      else
        problems.push({
          path: `${path}.${field}`,
          message: `${value} is already used by ${first}; each machine has one entry and one role`,
        });
    }
  }
  return problems;
}
