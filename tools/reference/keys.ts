import type { JsonSchema } from "./jsonSchema";
import { isHost, isNode } from "./words";

/** One key of the stack file, as the reference has it. */
export interface Key {
  /** The whole path, such as `etcd.hosts`. */
  readonly path: string;
  readonly schema: JsonSchema;
  readonly isRequired: boolean;
  /** With which kinds of the union above it the key is there, such as `kind: haproxy`; empty where always. */
  readonly onlyWith: readonly string[];
}

/** All keys below an object, those of the objects in it included, in the order of the schema. */
export function keysBelow(path: string, schema: JsonSchema): readonly Key[] {
  return variantsOf(schema).flatMap(({ schema: object, onlyWith, isRequired, key }) => {
    const full = path === "" ? key : `${path}.${key}`;
    const inner = object.items ?? object;
    const isEntry = isHost(inner) || isNode(inner);
    const below = isEntry ? [] : keysBelow(object.items ? `${full}[]` : full, inner);
    return [
      { path: full, schema: object, isRequired, onlyWith },
      ...below.map((one) => ({ ...one, onlyWith: [...onlyWith, ...one.onlyWith] })),
    ];
  });
}

interface Variant {
  readonly key: string;
  readonly schema: JsonSchema;
  readonly isRequired: boolean;
  readonly onlyWith: readonly string[];
}

/** An object's keys. Of a union those of all kinds, each once where the kinds agree on it. */
function variantsOf(schema: JsonSchema): readonly Variant[] {
  const kinds = schema.oneOf ?? [schema];
  const discriminator = Object.entries(kinds[0]?.properties ?? {}).find(
    ([, one]) => one.const !== undefined,
  )?.[0];
  const found = new Map<string, { variant: Variant; names: string[] }>();
  for (const kind of kinds) {
    for (const [key, own] of Object.entries(kind.properties ?? {})) {
      const isKind = key === discriminator;
      const id = isKind ? key : `${key} ${JSON.stringify(own)}`;
      const isRequired = kind.required?.includes(key) ?? false;
      const shown = isKind ? { ...own, const: undefined, enum: namesOf(kinds, key) } : own;
      const entry = found.get(id) ?? {
        variant: { key, schema: shown, isRequired, onlyWith: [] },
        names: [],
      };
      entry.names.push(`${discriminator ?? ""}: ${kind.properties?.[discriminator ?? ""]?.const}`);
      found.set(id, entry);
    }
  }
  return [...found.values()].map(({ variant, names }) => ({
    ...variant,
    onlyWith:
      names.length === kinds.length ? [] : [names.map((name) => `\`${name}\``).join(" or ")],
  }));
}

function namesOf(kinds: readonly JsonSchema[], key: string): readonly string[] {
  return kinds.map((kind) => String(kind.properties?.[key]?.const));
}
