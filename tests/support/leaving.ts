import type { Outcome } from "./sandbox";

/** How an admission ends that says who is to leave, and when: the same ones' leaving again is another leaving. */
export function leaving(names: string): Outcome {
  const told = new RegExp(`^${names} at \\d{10}$`);
  return { code: 0, stdout: expect.stringMatching(told) as string, stderr: "" };
}
