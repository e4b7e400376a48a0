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

it.each([
  ["V8's own", undefined],
  ["the test runner's, which knows the sources", prepareStackTrace],
])(
  "makes stack traces of one frame, whatever the limit; their way of telling is %s",
  async (_, way) => {
    expect(deep().length).toBeGreaterThan(5);
    Object.assign(traces, { stackTraceLimit, prepareStackTrace: way });
    const trace = await withShortStackTraces(() => Promise.resolve(deep()));
    expect(trace).toEqual(["Error: lost", expect.stringMatching(/^ {4}at deep \(.*stackTraces/)]);
  },
);

it("leaves everything as it was, also after a failure", async () => {
  const failure = withShortStackTraces(() => Promise.reject(new Error("no")));
  await expect(failure).rejects.toThrow("no");
  expect([traces.prepareStackTrace, traces.stackTraceLimit]).toEqual([
    prepareStackTrace,
    stackTraceLimit,
  ]);
});
