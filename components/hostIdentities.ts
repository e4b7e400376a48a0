/** What a host's preflight has printed. */
export interface Look {
  /** The host's name. */
  readonly name: string;
  /** `kind value` a line. */
  readonly printed: string;
}

/** What a preflight prints; anything else is not passed on to another host's shell. */
const identity = /^(machine-id|product_uuid|hostname) [A-Za-z0-9._-]{1,64}$/;

/**
 * Hosts that look like an earlier one: clones of one machine, or of the same hostname.
 *
 * @returns by host, a line `kind value host` for each identity that it shares with the first host that has it. That first
 *   host is in nobody's way.
 */
export function clashes(looks: readonly Look[]): ReadonlyMap<string, string> {
  const first = new Map<string, string>();
  const found = new Map<string, string>();
  for (const { name, printed } of looks) {
    for (const line of printed.split("\n").filter((one) => identity.test(one))) {
      const other = first.get(line);
      if (other === undefined) first.set(line, name);
      else found.set(name, `${found.get(name) ?? ""}${line} ${other}\n`);
    }
  }
  return found;
}
