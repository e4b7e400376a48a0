import type { PlannedRun } from "./steps";

/**
 * The chain of steps that a run had to wait for, the first one first: from the step that ended last, back to whichever of
 * the steps it waited for ended last, and so on.
 */
export function criticalPath(runs: readonly PlannedRun[]): PlannedRun[] {
  const byName = new Map(runs.map((run) => [run.name, run]));
  const latest = (some: readonly PlannedRun[]): PlannedRun | undefined =>
    some.reduce<PlannedRun | undefined>(
      (found, run) => (found === undefined || run.end > found.end ? run : found),
      undefined,
    );
  const path: PlannedRun[] = [];
  for (let at = latest(runs); at !== undefined && !path.includes(at);) {
    path.unshift(at);
    at = latest(at.after.flatMap((name) => byName.get(name) ?? []));
  }
  return path;
}
