import type { Suite } from "../suite/suite";

/** Seconds that a run may take at most until it says what is wrong, where there is no reason for more. */
const usual = 180;

/**
 * `pulumi up` that has to end by itself, in bounded time, and with a failure. Its time is printed.
 *
 * @param what what is wrong, for that line.
 * @param bound seconds that it may take at most. Default: 180.
 * @returns what Pulumi printed.
 */
export async function refusedUp(suite: Suite, what: string, bound = usual): Promise<string> {
  const begin = performance.now();
  const output = await suite.failingUp();
  const seconds = (performance.now() - begin) / 1000;
  console.log(`${what}: told after ${seconds.toFixed(1)} s`);
  expect(seconds).toBeLessThan(bound);
  return output;
}
