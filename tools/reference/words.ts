import type { JsonSchema } from "./jsonSchema";

/** The type of a value and its limits, in words. */
export function typeOf(schema: JsonSchema): string {
  if (schema.const !== undefined) return code(schema.const);
  if (schema.enum !== undefined) return `one of ${schema.enum.map(code).join(", ")}`;
  if (isHost(schema)) return "[host](#hosts)";
  if (isNode(schema)) return "[node](#nodes)";
  switch (schema.type) {
    case "integer":
      return ["whole number", ...rangeOf(schema)].join(", ");
    case "array":
      return `list ${countOf(schema)}${typeOf(schema.items ?? {})}`;
    case "object":
      return schema.properties === undefined ? mapOf(schema) : "object";
    case "string":
      return textOf(schema);
    case undefined:
    default:
      return schema.type ?? schema.patternErrorMessage?.replace(/^must be /, "") ?? "anything";
  }
}

/** Whether it is the entry of a host that is no node. */
export function isHost({ properties }: JsonSchema): boolean {
  return properties?.["generation"] !== undefined && properties["taints"] === undefined;
}

/** Whether it is the entry of a control plane or a worker. */
export function isNode({ properties }: JsonSchema): boolean {
  return properties?.["generation"] !== undefined && properties["taints"] !== undefined;
}

/** A value as YAML's flow style has it, in a code span. */
export function code(value: unknown): string {
  return `\`${flow(value)}\``;
}

function flow(value: unknown): string {
  if (typeof value === "string") {
    // What YAML would take for something else than a text, or that ends or begins something in a flow.
    const isPlain = /^[A-Za-z0-9/~.][A-Za-z0-9/~.:_ +=…-]*$/.test(value) && !/: |: *$/.test(value);
    const isOther = /^(true|false|null|yes|no|on|off|~|-?\d+(\.\d*)?)$/i.test(value);
    return isPlain && !isOther ? value : JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map(flow).join(", ")}]`;
  if (typeof value !== "object" || value === null) return String(value);
  const entries = Object.entries(value).map(([key, inner]) => `${flow(key)}: ${flow(inner)}`);
  return entries.length === 0 ? "{}" : `{ ${entries.join(", ")} }`;
}

function rangeOf({ minimum, maximum, multipleOf }: JsonSchema): string[] {
  const range =
    maximum === undefined
      ? `${minimum ?? 0} or more`
      : `${(minimum ?? 0).toLocaleString("en")} to ${maximum.toLocaleString("en")}`;
  return [range, ...(multipleOf === undefined ? [] : [`a multiple of ${multipleOf}`])];
}

function countOf({ minItems, maxItems }: JsonSchema): string {
  if (maxItems !== undefined) return `of ${minItems ?? 0} to ${maxItems} entries, each: `;
  return minItems === undefined ? "of: " : `of ${minItems} or more entries, each: `;
}

function mapOf({ propertyNames, additionalProperties }: JsonSchema): string {
  const value = typeof additionalProperties === "object" ? additionalProperties : {};
  return Object.keys(value).length === 0
    ? "any YAML object"
    : `object; its keys: ${typeOf(propertyNames ?? {})}; its values: ${typeOf(value)}`;
}

function textOf({ patternErrorMessage: message, maxLength }: JsonSchema): string {
  const form = message?.startsWith("must be ") ? message.slice("must be ".length) : undefined;
  const parts = [
    ...(form === undefined ? ["text"] : [form]),
    ...(form === undefined && message !== undefined ? [message] : []),
    ...(maxLength === undefined ? [] : [`at most ${maxLength.toLocaleString("en")} characters`]),
  ];
  return parts.join(", ");
}
