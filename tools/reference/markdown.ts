import { prefix, specJsonSchema, type JsonSchema } from "./jsonSchema";
import { keysBelow, type Key } from "./keys";
import { code, typeOf } from "./words";

const introduction = `# Configuration

<!-- Written by \`npm run docs:update\` from config/spec.ts and config/schema/. Change the descriptions there. -->

Every key of a stack file (\`Pulumi.<stack>.yaml\`). Under \`config:\` each has the project's prefix: \`etcd.hosts\` below is

\`\`\`yaml
config:
  ${prefix}etcd:
    hosts: […]
\`\`\`

Whole stack files are in [examples/](../examples/). Editors that know JSON Schema complete and check the keys with
[stack-file.schema.json](stack-file.schema.json). \`pulumi preview\` checks more, such as what fields must be to one another,
and names everything that is wrong in one message.

One key is a secret of its own: \`${prefix}sshPrivateKey\`, the SSH private key, which
\`pulumi config set --secret sshPrivateKey < FILE\` writes encrypted.
`;

/** The reference of all keys, for docs/configuration.md. */
export function configurationMarkdown(): string {
  const { properties = {}, required = [] } = specJsonSchema();
  const sections = Object.entries(properties).map(([name, schema]) => {
    const top: Key = { path: name, schema, isRequired: required.includes(name), onlyWith: [] };
    const isList = schema.type === "array";
    return section(name, top, isList ? [] : keysBelow(name, schema));
  });
  const host = properties["loadBalancer"]?.oneOf?.[0]?.properties?.["hosts"]?.items;
  const node = properties["workers"]?.items;
  if (host === undefined || node === undefined) throw new Error("the schema has no hosts");
  const hosts = `## Hosts\n\nAn entry of \`loadBalancer.hosts\` or \`etcd.hosts\`. One machine has one entry.\n`;
  const nodes = `## Nodes\n\nAn entry of \`controlPlanes\` or \`workers\`. It has the keys of a host and more.\n`;
  const common = new Set(keysBelow("", host).map(({ path }) => path));
  return [
    introduction,
    ...sections,
    hosts,
    ...keysBelow("", host).map(entry),
    nodes,
    ...keysBelow("", node)
      .filter(({ path }) => !common.has(path))
      .map(entry),
  ].join("\n");
}

function section(name: string, top: Key, keys: readonly Key[]): string {
  return [`## ${name}\n`, body(top), ...keys.map(entry)].join("\n");
}

function entry(key: Key): string {
  return `### ${key.path}\n\n${body(key)}`;
}

function body({ schema, isRequired, onlyWith }: Key): string {
  return [
    ...(schema.description === undefined ? [] : [schema.description, ""]),
    `- type: ${kindOf(schema)}`,
    ...onlyWith.map((kinds) => `- only with ${kinds}`),
    ...defaultOf(schema, isRequired),
    ...(schema.examples ?? []).map((example) => `- example: ${code(example)}`),
    "",
  ].join("\n");
}

function kindOf(schema: JsonSchema): string {
  return schema.oneOf === undefined ? typeOf(schema) : "object, one of several kinds";
}

function defaultOf(schema: JsonSchema, isRequired: boolean): string[] {
  if (isRequired) return ["- required"];
  // An object's default is that of its keys, which follow.
  const isPlain = schema.properties === undefined;
  if (schema.default === undefined) return ["- may be left out"];
  return isPlain ? [`- default: ${code(schema.default)}`] : ["- default: that of its keys"];
}
