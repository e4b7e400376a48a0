import type { Problem } from "../problem";
import type { Spec } from "../spec";
import { apiAccessProblems, sshProblems } from "./access";
import { balancerProblems, endpointProblems } from "./balancer";
import { etcdProblems } from "./etcd";
import { duplicateProblems } from "./hosts";
import { networkProblems } from "./network";
import { versionProblems } from "./versions";

/** What the fields of a stack file must be to one another. Each rule says all that it finds. */
export function crossFieldProblems(spec: Spec): Problem[] {
  return [
    versionProblems,
    duplicateProblems,
    networkProblems,
    etcdProblems,
    balancerProblems,
    endpointProblems,
    sshProblems,
    apiAccessProblems,
  ].flatMap((rule) => rule(spec));
}
