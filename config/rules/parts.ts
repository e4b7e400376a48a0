import type { HostSpec, Spec } from "../spec";

/**
 * What the rules read: the keys of a stack file, and its hosts.
 *
 * A rule names the parts that it needs, and runs when those are right in themselves, whatever else is wrong with the
 * file. Where a host's entry is wrong, its list holds a stand-in, so that the list's length is the file's: no rule reads
 * an entry of a list but by {@link Parts.hosts}.
 */
export interface Parts extends Spec {
  /** The hosts that are right in themselves, each with its path. */
  readonly hosts: readonly (readonly [path: string, host: HostSpec])[];
}

/** Some parts of a stack file, by name. */
export type Some<K extends keyof Parts> = Pick<Parts, K>;
