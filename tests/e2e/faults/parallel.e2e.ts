import { exportedState } from "../support/suite/exportedState";
import { nodes } from "../support/cluster/nodes";
import { oneControlPlane, small, smallHosts, smallNodes } from "../support/suite/smallCluster";
import { overlaps, stepSpans, type StepSpan } from "../support/cluster/stepSpans";

/** What a run has made, without what is another one each time: identities, keys, times. */
async function made() {
  const found = [...(await nodes(small)).values()].sort((a, b) => a.name.localeCompare(b.name));
  return {
    resources: await exportedState(small),
    nodes: found.map(({ name, ready, version, labels }) => ({ name, ready, version, labels })),
    outputs: await Promise.all(["endpoint", "nodes", "health"].map((o) => small.stackOutput(o))),
  };
}

/** Makes the cluster with so many steps at once. */
async function make(parallel: number) {
  const begin = Date.now();
  const { seconds } = await small.pulumiUp(["--parallel", String(parallel)]);
  console.log(`up --parallel ${parallel}: ${seconds.toFixed(1)} s`);
  return { result: await made(), spans: await stepSpans(small, smallHosts, begin) };
}

/** `HOST STEP`, without an order. */
function stepsOf(spans: readonly StepSpan[]): readonly string[] {
  return spans.map(({ host, step }) => `${host} ${step}`).sort();
}

beforeAll(async () => {
  small.writeStackFile(oneControlPlane);
  await small.freshHosts();
});

it("one step at a time, or a hundred: the cluster, the state and what ran are the same", async () => {
  const hundred = await make(100);
  expect(hundred.result.nodes.map(({ name, ready }) => [name, ready])).toEqual(
    smallNodes.map((name) => [name, true]),
  );
  // The hosts are clean again, as destroy leaves them.
  await small.pulumiDestroy();
  expect(await exportedState(small)).toEqual([]);
  const one = await make(1);
  expect(one.result).toEqual(hundred.result);
  expect(stepsOf(one.spans)).toEqual(stepsOf(hundred.spans));
  // The number did count.
  expect(overlaps(hundred.spans)).not.toEqual([]);
  expect(overlaps(one.spans)).toEqual([]);
  expect((await small.pulumiUp(["--expect-no-changes"])).changed).toEqual([]);
});
