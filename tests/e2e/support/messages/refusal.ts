import type { Suite } from "../suite/suite";

/** Seconds that a run may take at most until it says what is wrong. */
const bound = 180;

/**
 * `pulumi up` that has to end by itself, in bounded time, and with a failure. Its time is printed.
 *
 * @param what what is wrong, for that line.
 * @returns what Pulumi printed.
 */
export async function refusedUp(suite: Suite, what: string): Promise<string> {
  const begin = performance.now();
  const output = await suite.failingUp();
  const seconds = (performance.now() - begin) / 1000;
  console.log(`${what}: told after ${seconds.toFixed(1)} s`);
  expect(seconds).toBeLessThan(bound);
  return output;
}
