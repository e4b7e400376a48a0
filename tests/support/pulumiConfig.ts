import * as pulumi from "@pulumi/pulumi";

/** The stack of all tests. */
export const stackName = "test";
/** The project of all tests: the product's own, whose name is the prefix of its configuration's keys. */
export const projectName = "kubeadm-ha";

/**
 * Sets the stack's configuration as the engine hands it over: structured values as JSON, texts as they are.
 *
 * @param values by key, without the project's prefix; undefined for a key that is not there.
 * @param secrets further keys, which the stack file holds encrypted.
 */
export function setConfig(
  values: Readonly<Record<string, unknown>>,
  secrets: Readonly<Record<string, string>> = {},
): void {
  const texts = Object.entries({ ...values, ...secrets })
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => [
      `${projectName}:${key}`,
      typeof value === "string" ? value : JSON.stringify(value),
    ]);
  pulumi.runtime.setAllConfig(
    Object.fromEntries(texts) as Record<string, string>,
    Object.keys(secrets).map((key) => `${projectName}:${key}`),
  );
}
