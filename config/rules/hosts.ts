import type { Problem } from "../problem";
import type { HostSpec } from "../spec";
import type { Some } from "./parts";

const told = "each machine has one entry and one role";

/** Each machine has one entry, one name, one address and one role. */
export function duplicateProblems({ hosts }: Some<"hosts">): Problem[] {
  return (["name", "address"] as const).flatMap((field) =>
    repeated(hosts, (host) => host[field]).map(({ path, first, value }) => ({
      path: `${path}.${field}`,
      message: `${value} is already used by ${first}; ${told}`,
    })),
  );
}

/** Each machine is dialled at a place of its own. Where the address is another's already, that is said and enough. */
export function duplicateLoginProblems({ hosts, ssh }: Some<"hosts" | "ssh">): Problem[] {
  const addresses = new Set(
    repeated(hosts, ({ address }) => address).map(({ path, first }) => `${path} ${first}`),
  );
  return repeated(
    hosts,
    (host) => `${host.ssh?.host ?? host.address}:${host.ssh?.port ?? ssh.port}`,
  )
    .filter(({ path, first }) => !addresses.has(`${path} ${first}`))
    .map(({ path, first, value }) => ({
      path: `${path}.ssh`,
      message: `${value} is already used by ${first}; ${told}`,
    }));
}

/** The hosts whose value an earlier host has too, with that first host's path. */
function repeated(
  hosts: Some<"hosts">["hosts"],
  valueOf: (host: HostSpec) => string,
): readonly { readonly path: string; readonly first: string; readonly value: string }[] {
  const seen = new Map<string, string>();
  return hosts.flatMap(([path, host]) => {
    const value = valueOf(host);
    const first = seen.get(value);
    if (first === undefined) seen.set(value, path);
    return first === undefined ? [] : [{ path, first, value }];
  });
}
