import type { z } from "zod";

import type { Parts } from "./rules/parts";
import { host, node } from "./schema/hosts";
import { specSchema, type HostSpec } from "./spec";

/** Takes the place of a host whose entry is wrong, so that its list keeps its length. */
const standIn = { name: "x", address: "192.0.2.1" };

/** Where hosts stand: below a key, or below its key `hosts`. */
const lists: readonly {
  readonly part: keyof Parts;
  readonly below?: "hosts";
  readonly entry: z.ZodType<HostSpec>;
}[] = [
  { part: "loadBalancer", below: "hosts", entry: host },
  { part: "etcd", below: "hosts", entry: host },
  { part: "controlPlanes", entry: node },
  { part: "workers", entry: node },
];

/** As much of a stack file as is right in itself, for the rules to go on with. */
export function readableParts(input: unknown): Partial<Parts> {
  const values = isObject(input) ? { ...input } : {};
  const hosts: (readonly [path: string, host: HostSpec])[] = [];
  for (const { part, below, entry } of lists) {
    const value = values[part];
    const list = below === undefined ? value : isObject(value) ? value[below] : undefined;
    if (!Array.isArray(list) || (below !== undefined && isUnknown(part, below, value))) continue;
    const parsed = Array.from(list as unknown[], (one) => entry.safeParse(one));
    const path = below === undefined ? part : `${part}.${below}`;
    hosts.push(
      ...parsed.flatMap(({ data }, i) => (data ? [[`${path}[${i}]`, data] as const] : [])),
    );
    const kept = Array.from(list as unknown[], (one, i) => (parsed[i]?.success ? one : standIn));
    values[part] = below === undefined ? kept : { ...(value as object), [below]: kept };
  }
  const parts = Object.entries(specSchema.shape).flatMap(([part, schema]) => {
    const parsed = schema.safeParse(values[part]);
    return parsed.success ? [[part, parsed.data] as const] : [];
  });
  return { ...(Object.fromEntries(parts) as Partial<Parts>), hosts };
}

/** Whether a key does not belong there, such as the hosts of a load balancer that exists already. */
function isUnknown(part: keyof Parts, key: string, value: unknown): boolean {
  const schema = (specSchema.shape as Record<string, z.ZodType>)[part];
  const issues = schema?.safeParse(value).error?.issues ?? [];
  return issues.some(
    (issue) =>
      issue.code === "unrecognized_keys" && issue.path.length === 0 && issue.keys.includes(key),
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
