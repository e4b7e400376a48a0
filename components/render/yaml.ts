import { dump } from "js-yaml";

/** One YAML document; keys in the order given, long lines unbroken, no anchors. */
export function yamlDocument(value: unknown): string {
  return dump(value, { noRefs: true, lineWidth: -1, sortKeys: false });
}

/** Several YAML documents in one text. */
export function yamlDocuments(values: readonly unknown[]): string {
  return values.map(yamlDocument).join("---\n");
}
