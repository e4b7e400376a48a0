import * as pulumi from "@pulumi/pulumi";

/** Keeps the engine busy, and is small beside a thousand. */
const batch = 50;

/**
 * Makes one thing after the other. In a preview, each batch waits until the engine has the one before it: what the SDK
 * keeps for a resource that it has not registered yet, about 150 KB, is what a preview of many hosts needs memory for
 * (docs/performance.md). In an update it would wait for the work on the hosts, so there it does not wait.
 *
 * @param lastOf the resource of each that is registered last.
 */
export async function inBatches<T, R>(
  items: readonly T[],
  make: (item: T) => R,
  lastOf: (made: R) => pulumi.Resource,
): Promise<R[]> {
  const all: R[] = [];
  for (let begin = 0; begin < items.length; begin += batch) {
    const made = items.slice(begin, begin + batch).map((item) => make(item));
    all.push(...made);
    if (pulumi.runtime.isDryRun()) await registered(made.map(lastOf));
  }
  return all;
}

async function registered(resources: readonly pulumi.Resource[]): Promise<void> {
  await new Promise<void>((resolve) => {
    pulumi.all(resources.map(({ urn }) => urn)).apply(() => {
      resolve();
    });
  });
}
