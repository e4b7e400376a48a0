import type { Problem } from "../problem";
import type { Some } from "./parts";

/** apt takes a suite with components, or a flat repository without: it refuses any other line of its sources. */
export function aptProblems({ mirror: { apt } }: Some<"mirror">): Problem[] {
  if (apt === undefined) return [];
  const { suite, components } = apt;
  const isFlat = suite.endsWith("/");
  if (isFlat !== components.length > 0) return [];
  const message = isFlat
    ? `must be left out: the suite ${suite} ends in a slash, so it is a flat repository, which has none`
    : `is missing: the suite ${suite} has components, such as main; a flat repository's suite ends in a slash`;
  return [{ path: "mirror.apt.components", message }];
}
