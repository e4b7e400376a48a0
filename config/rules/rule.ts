import type { Problem } from "../problem";
import type { Parts, Some } from "./parts";

/** A rule, made to run where the parts that it needs are there. */
export type Rule = (parts: Partial<Parts>) => readonly Problem[];

/** The compiler sees to it that a rule reads nothing that it does not name. */
export function rule<K extends keyof Parts>(
  needs: readonly K[],
  find: (parts: Some<K>) => readonly Problem[],
): Rule {
  return (parts) => (needs.every((part) => part in parts) ? find(parts as Some<K>) : []);
}
