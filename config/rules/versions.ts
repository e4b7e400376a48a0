import type { Problem } from "../problem";
import type { Spec } from "../spec";
import { minorOf, supportedMinors } from "../versions";

/** The Kubernetes version is one that the product renders configuration for. */
export function versionProblems(spec: Spec): Problem[] {
  const minor = minorOf(spec.kubernetes.version);
  const { lowest, highest } = supportedMinors;
  if (minor >= lowest && minor <= highest) return [];
  const message = `${spec.kubernetes.version} is not supported: 1.${lowest} to 1.${highest} are`;
  return [{ path: "kubernetes.version", message }];
}
