import { readFileSync } from "node:fs";
import { join } from "node:path";

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
  ]);
  return [...missing, ...inner.flatMap(([at, one]) => poor(one, at))];
}

/** Whether a reader sees what a value looks like: from an example, a default that says something, or a list of values. */
function isShown(schema: JsonSchema): boolean {
  const { default: usual, examples, properties, oneOf } = schema;
  const isTelling = usual !== undefined && !["{}", "[]", '""'].includes(JSON.stringify(usual));
  return [examples, properties, oneOf, schema.enum, schema.const].some(Boolean) || isTelling;
}

it("describes every key, and shows what it looks like", () => {
  expect(poor(specJsonSchema())).toEqual([]);
  expect(poor({ properties: { a: { type: "string" } } })).toEqual([
    ".a: description",
    ".a: example",
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

  it.each([...committedStackFiles("."), ...committedStackFiles("examples")])("takes %s", (path) => {
    expect(complaints(yamlOf(path))).toEqual([]);
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
