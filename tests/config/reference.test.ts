import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

import Ajv from "ajv";

import { documents } from "../../tools/reference/documents";
import {
  specJsonSchema,
  stackFileJsonSchema,
  type JsonSchema,
} from "../../tools/reference/jsonSchema";
import { committedStackFiles, root, yamlOf } from "../support/stackFiles";

it.each([...documents()])("%s is up to date (npm run docs:update)", (path, text) => {
  expect(readFileSync(join(root, path), "utf8")).toBe(text);
});

/** Every key of the schema that lacks a part of its description. */
function poor(schema: JsonSchema, path = ""): string[] {
  const inner = [
    ...Object.entries(schema.properties ?? {}).map(
      ([key, one]) => [`${path}.${key}`, one] as const,
    ),
    ...(schema.oneOf ?? []).map((one) => [path, one] as const),
    ...(schema.items ? [[`${path}[]`, schema.items] as const] : []),
  ];
  const missing = Object.entries(schema.properties ?? {}).flatMap(([key, one]) => [
    ...(one.description ? [] : [`${path}.${key}: description`]),
    ...(isShown(one) ? [] : [`${path}.${key}: example`]),
    ...(isLimited(one) ? [] : [`${path}.${key}: limits`]),
  ]);
  return [...missing, ...inner.flatMap(([at, one]) => poor(one, at))];
}

/** Whether a reader sees what a value looks like: from an example, a default that says something, or a list of values. */
function isShown(schema: JsonSchema): boolean {
  const { default: usual, examples, properties, oneOf } = schema;
  const isTelling = usual !== undefined && !["{}", "[]", '""'].includes(JSON.stringify(usual));
  return [examples, properties, oneOf, schema.enum, schema.const].some(Boolean) || isTelling;
}

/** Whether a reader is told what a value may be; of a list or a map, what its entries may be. */
function isLimited(schema: JsonSchema): boolean {
  const { items, propertyNames, additionalProperties } = schema;
  // A fragment is data of another program's, which says itself what it takes.
  if (JSON.stringify(additionalProperties) === "{}") return true;
  const inner = [items, propertyNames, additionalProperties].filter(
    (one): one is JsonSchema => typeof one === "object",
  );
  const isFree = { string: schema.patternErrorMessage, integer: schema.minimum };
  const known = [schema.enum, schema.const, isFree[schema.type as keyof typeof isFree]];
  return (!(String(schema.type) in isFree) || known.some(Boolean)) && inner.every(isLimited);
}

it("describes every key, shows what it looks like, and tells its limits", () => {
  expect(poor(specJsonSchema())).toEqual([]);
  const properties = {
    a: { type: "string" },
    b: { type: "integer", description: "A number.", examples: [1] },
    c: { type: "array", description: "A list.", examples: [["x"]], items: { type: "string" } },
  };
  expect(poor({ properties })).toEqual([
    ...[".a: description", ".a: example", ".a: limits", ".b: limits", ".c: limits"],
  ]);
});

describe("the schema for editors", () => {
  const check = new Ajv({ allErrors: true, strict: false, validateFormats: false }).compile(
    stackFileJsonSchema(),
  );
  const complaints = (file: unknown): string[] => {
    check(file);
    return (check.errors ?? []).map(({ instancePath, keyword }) => `${instancePath} ${keyword}`);
  };

  const files = [...committedStackFiles("."), ...committedStackFiles("examples")];
  it.each(files)("takes %s, whose first line leads editors to it", (path) => {
    expect(complaints(yamlOf(path))).toEqual([]);
    const [first = ""] = readFileSync(join(root, path), "utf8").split("\n");
    const named = /^# yaml-language-server: \$schema=(\S+)$/.exec(first)?.[1] ?? "";
    expect(join(dirname(path), named)).toBe("docs/stack-file.schema.json");
  });

  const file = yamlOf("Pulumi.external.yaml");
  const config = (more: object): unknown => ({ ...file, config: { ...file.config, ...more } });

  it("takes keys of Pulumi's own, other projects' keys and the encrypted SSH key", () => {
    const others = {
      "pulumi:tags": { team: "a" },
      "aws:region": "eu-central-1",
      "kubeadm-ha:sshPrivateKey": { secure: "v1:abc" },
    };
    expect(complaints({ ...(config(others) as object), secretsprovider: "passphrase" })).toEqual(
      [],
    );
  });

  it.each<[string, object, string]>([
    ["an unknown key", { "kubeadm-ha:controlPlane": [] }, "/config additionalProperties"],
    [
      "a wrong type",
      { "kubeadm-ha:loginUserKubeconfig": "yes" },
      "kubeadm-ha:loginUserKubeconfig type",
    ],
    ["no hosts", { "kubeadm-ha:controlPlanes": [] }, "minItems"],
    ["a bad address", { "kubeadm-ha:workers": [{ name: "w", address: "10.0.0.300" }] }, "pattern"],
    ["no address", { "kubeadm-ha:workers": [{ name: "w" }] }, "required"],
    [
      "a slip in a host",
      { "kubeadm-ha:workers": [{ name: "w", address: "10.0.0.3", lables: {} }] },
      "additionalProperties",
    ],
    [
      "a number for a version",
      { "kubeadm-ha:kubernetes": { version: 1.37 } },
      "/config/kubeadm-ha:kubernetes/version type",
    ],
    ["another kind", { "kubeadm-ha:loadBalancer": { kind: "f5", hosts: [] } }, "oneOf"],
    ["keys of another kind", { "kubeadm-ha:etcd": { topology: "stacked", hosts: [] } }, "oneOf"],
    ["a port", { "kubeadm-ha:ssh": { user: "admin", port: 0 } }, "minimum"],
    ["a private key in plain text", { "kubeadm-ha:sshPrivateKey": "-----BEGIN" }, "type"],
  ])("refuses %s", (_, more, complaint) => {
    const found = complaints(config(more));
    expect(found.join("\n")).toContain(complaint);
  });

  it("misses what must be there", () => {
    expect(complaints({ config: {} })).toEqual(Array(4).fill("/config required"));
  });
});
