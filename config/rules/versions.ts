import type { Problem } from "../problem";
import { minorOf, supportedMinors } from "../versions";
import type { Some } from "./parts";

/** The Kubernetes version is one that the product renders configuration for. */
export function versionProblems({ kubernetes: { version } }: Some<"kubernetes">): Problem[] {
  const minor = minorOf(version);
  const { lowest, highest } = supportedMinors;
  if (minor >= lowest && minor <= highest) return [];
  const message = `${version} is not supported: 1.${lowest} to 1.${highest} are`;
  return [{ path: "kubernetes.version", message }];
}
