/** A name and the address it stands for. */
export interface HostsEntry {
  readonly address: string;
  readonly name: string;
}

/** The product's block of /etc/hosts; empty when there is nothing to write, which takes an older block away. */
export function hostsEntries(entries: readonly HostsEntry[]): string {
  return entries.map(({ address, name }) => `${address} ${name}\n`).join("");
}
