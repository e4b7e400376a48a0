import { z } from "zod";

import { specSchema } from "../../config/spec";

/** The keywords of JSON Schema that the stack file's schema makes use of. */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly oneOf?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  readonly propertyNames?: JsonSchema;
  readonly additionalProperties?: boolean | JsonSchema;
  readonly enum?: readonly string[];
  readonly const?: string;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly multipleOf?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly maxLength?: number;
  /** What editors say in place of "does not match the pattern": the product's own message. */
  readonly patternErrorMessage?: string;
}

/** The project's name, with which Pulumi prefixes the keys. */
export const prefix = "kubeadm-ha:";

/**
 * What a stack file may say, as JSON Schema (draft 7, which editors know best). What the program checks beyond types,
 * patterns and ranges, such as rules across fields, is not in it.
 */
export function specJsonSchema(): JsonSchema {
  const schema = z.toJSONSchema(specSchema, {
    io: "input",
    target: "draft-7",
    unrepresentable: "any",
    override: ({ zodSchema, jsonSchema }) => {
      const message = messageOf(zodSchema);
      if (message !== undefined) jsonSchema["patternErrorMessage"] = message;
      // zod leaves out the examples of what it transforms; all of ours are what a user writes.
      const { examples } = z.globalRegistry.get(zodSchema) ?? {};
      if (Array.isArray(examples)) jsonSchema.examples = examples as unknown[];
      // The largest number that JavaScript counts exactly says nothing to a reader.
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  });
  return schema as JsonSchema;
}

/** A JSON Schema of whole `Pulumi.<stack>.yaml` files: Pulumi's own keys, other projects' keys, and this project's. */
export function stackFileJsonSchema(): JsonSchema {
  const { properties = {}, required = [] } = specJsonSchema();
  const keys = Object.entries(properties).map(([key, schema]) => [`${prefix}${key}`, schema]);
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "Stack file of kubeadm-ha",
    description: "Written by `npm run docs:update`; see configuration.md beside it.",
    type: "object",
    properties: {
      config: {
        type: "object",
        properties: {
          ...(Object.fromEntries(keys) as Record<string, JsonSchema>),
          [`${prefix}sshPrivateKey`]: {
            description:
              "The SSH private key, encrypted. `pulumi config set --secret sshPrivateKey < FILE` writes it.",
            type: "object",
            properties: { secure: { type: "string" } },
            required: ["secure"],
            additionalProperties: false,
          },
        },
        patternProperties: { [`^(?!${prefix})`]: {} },
        additionalProperties: false,
        required: required.map((key) => `${prefix}${key}`),
      },
    },
    required: ["config"],
  };
}

/** The message that the product has for texts of a wrong form; only texts have one of their own. */
function messageOf(schema: z.core.$ZodTypes): string | undefined {
  const { def } = schema._zod;
  if (def.type !== "string" && !(def.type === "union" && !("discriminator" in def))) {
    return undefined;
  }
  const errors = [def.error, ...(def.checks ?? []).map((check) => check._zod.def.error)];
  const texts = errors.map((error) => error?.({ input: "" } as never));
  return texts.find((text) => typeof text === "string");
}
