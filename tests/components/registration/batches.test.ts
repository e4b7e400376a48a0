import * as pulumi from "@pulumi/pulumi";

import { inBatches } from "../../../components/registration/batches";

const items = Array.from({ length: 120 }, (_, i) => i);

/** Resources of which the engine has none until it is told to take them. */
class Engine {
  readonly waiting: (() => void)[] = [];

  resource(): pulumi.Resource {
    const urn = new Promise<string>((resolve) =>
      this.waiting.push(() => {
        resolve("urn");
      }),
    );
    return { urn: pulumi.output(urn) } as unknown as pulumi.Resource;
  }

  take(count: number): void {
    for (const take of this.waiting.splice(0, count)) take();
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function mocked(preview: boolean): Promise<void> {
  const newResource = (): never => {
    throw new Error("no resource is made here");
  };
  await pulumi.runtime.setMocks({ newResource, call: newResource }, "test", "test", preview);
}

it("waits in a preview until the engine has all of a batch", async () => {
  await mocked(true);
  const engine = new Engine();
  const made: number[] = [];
  const all = inBatches(
    items,
    (item) => made.push(item),
    () => engine.resource(),
  );
  for (const reached of [50, 100, 120]) {
    await settled();
    expect(made).toHaveLength(reached);
    const last = engine.waiting.length - 1;
    engine.take(last);
    await settled();
    expect(made).toHaveLength(reached);
    engine.take(1);
  }
  expect(await all).toHaveLength(120);
  expect(made).toEqual(items);
});

it("waits for nothing in an update, where it would wait for the work on hosts", async () => {
  await mocked(false);
  const engine = new Engine();
  const all = await inBatches(
    items,
    (item) => item,
    () => engine.resource(),
  );
  expect(all).toEqual(items);
});
