/**
 * Makes resources while stack traces have one frame.
 *
 * Pulumi's SDK takes a stack trace for each of some fifty promises of a resource, in case one of them is never kept
 * (`runtime/debuggable.js`), and ts-node maps each of their frames back to TypeScript. With a thousand hosts that is a
 * third of a preview's time (docs/performance.md). What a user's mistake needs is in the message, not in the trace.
 */
export async function withShortStackTraces<T>(make: () => Promise<T>): Promise<T> {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 1;
  try {
    return await make();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
