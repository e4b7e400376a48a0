import * as pulumi from "@pulumi/pulumi";

import { withShortStackTraces } from "../../../components/registration/stackTraces";

type Way = ((error: Error, frames: NodeJS.CallSite[]) => unknown) | undefined;
const traces: { stackTraceLimit: number; prepareStackTrace?: Way } = Error;
const { stackTraceLimit, prepareStackTrace } = traces;

/** Deep enough for a long stack trace; the limit is as Pulumi's SDK sets it for the one that goes into the state. */
function deep(depth = 5): string[] {
  if (depth > 0) return deep(depth - 1);
  traces.stackTraceLimit = Number.POSITIVE_INFINITY;
  return new Error("lost").stack?.split("\n") ?? [];
}

afterEach(() => {
  Object.assign(traces, { stackTraceLimit, prepareStackTrace });
});

it("makes stack traces of one frame, whatever the limit", async () => {
  expect(deep().length).toBeGreaterThan(5);
  Object.assign(traces, { stackTraceLimit, prepareStackTrace: undefined });
  const trace = await withShortStackTraces(() => Promise.resolve(deep()));
  expect(trace).toEqual(["Error: lost", expect.stringMatching(/^ {4}at deep \(.*stackTraces/)]);
});

it("has them told by whoever did before, as ts-node does, which knows the sources", async () => {
  const way: Way = (error, frames) =>
    [error.message, ...frames.map((f) => f.getFunctionName())].join("\n");
  Object.assign(traces, { prepareStackTrace: way });
  expect(await withShortStackTraces(() => Promise.resolve(deep()))).toEqual(["lost", "deep"]);
});

it("leaves nothing of the trace that Pulumi's SDK takes for the state", async () => {
  const sdk = pulumi.Resource as unknown as { stackTrace: (skip: number) => object[] };
  expect(sdk.stackTrace(4)).not.toEqual([]);
  expect(await withShortStackTraces(() => Promise.resolve(sdk.stackTrace(4)))).toEqual([]);
});

it("leaves everything as it was, also after a failure", async () => {
  const failure = withShortStackTraces(() => Promise.reject(new Error("no")));
  await expect(failure).rejects.toThrow("no");
  expect([traces.prepareStackTrace, traces.stackTraceLimit]).toEqual([
    prepareStackTrace,
    stackTraceLimit,
  ]);
});
