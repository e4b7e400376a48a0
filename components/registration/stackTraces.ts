/** How V8 is told to write stack traces. */
interface StackTraces {
  stackTraceLimit: number;
  prepareStackTrace?: ((error: Error, frames: NodeJS.CallSite[]) => unknown) | undefined;
}

/**
 * Makes resources while stack traces have one frame.
 *
 * Pulumi's SDK takes a stack trace for each of some fifty promises of a resource, in case one of them is never kept
 * (`runtime/debuggable.js`), and ts-node maps each of their frames back to TypeScript: with a thousand hosts that is a third
 * of a preview's time. One more, as long as can be, goes into the state with each resource (`resource.js`); with one frame,
 * which is the SDK's own, nothing is left of it, and of a worker's state 5 KB less (docs/performance.md). What a user's
 * mistake needs is in the message, not in the trace.
 */
export async function withShortStackTraces<T>(make: () => Promise<T>): Promise<T> {
  const traces: StackTraces = Error;
  const { stackTraceLimit, prepareStackTrace } = traces;
  const asText = prepareStackTrace ?? plainText;
  traces.stackTraceLimit = 1;
  // The SDK raises the limit for the trace that goes into the state.
  traces.prepareStackTrace = (error, frames) => asText(error, frames.slice(0, 1));
  try {
    return await make();
  } finally {
    Object.assign(traces, { stackTraceLimit, prepareStackTrace });
  }
}

/** Much as V8 does where nobody has another way. */
function plainText(error: Error, frames: readonly NodeJS.CallSite[]): string {
  const lines = frames.map((frame) => {
    const position = [frame.getFileName(), frame.getLineNumber(), frame.getColumnNumber()];
    return `    at ${frame.getFunctionName() ?? "<anonymous>"} (${position.join(":")})`;
  });
  return [String(error), ...lines].join("\n");
}
