import type { Problem } from "../problem";
import { apiAccessProblems, sshProblems } from "./access";
import { balancerPortProblems, endpointProblems, virtualIpProblems } from "./balancer";
import {
  certificateProblems,
  externalCountProblems,
  releaseProblems,
  stackedCountProblems,
  timingProblems,
} from "./etcd";
import { goneProblems } from "./gone";
import { duplicateLoginProblems, duplicateProblems } from "./hosts";
import { capacityProblems, insideProblems, overlapProblems } from "./network";
import type { Parts, Some } from "./parts";
import { versionProblems } from "./versions";

/** A rule, made to run where the parts that it needs are there. */
type Rule = (parts: Partial<Parts>) => readonly Problem[];

/** The compiler sees to it that a rule reads nothing that it does not name. */
function rule<K extends keyof Parts>(
  needs: readonly K[],
  find: (parts: Some<K>) => readonly Problem[],
): Rule {
  return (parts) => (needs.every((part) => part in parts) ? find(parts as Some<K>) : []);
}

const rules: readonly Rule[] = [
  rule(["kubernetes"], versionProblems),
  rule(["kubernetes"], apiAccessProblems),
  rule(["ssh"], sshProblems),
  rule(["hosts"], duplicateProblems),
  rule(["hosts", "ssh"], duplicateLoginProblems),
  rule(["network"], overlapProblems),
  rule(["network", "hosts"], insideProblems),
  rule(["network", "controlPlanes", "workers"], capacityProblems),
  rule(["hosts"], goneProblems),
  rule(["etcd", "controlPlanes", "hosts"], stackedCountProblems),
  rule(["etcd", "hosts"], externalCountProblems),
  rule(["etcd", "kubernetes"], releaseProblems),
  rule(["etcd"], timingProblems),
  rule(["etcd"], certificateProblems),
  rule(["loadBalancer", "network", "hosts"], virtualIpProblems),
  rule(["loadBalancer"], balancerPortProblems),
  rule(["endpoint", "loadBalancer", "hosts"], endpointProblems),
];

/** What the fields of a stack file must be to one another. Each rule says all that it finds. */
export function crossFieldProblems(parts: Partial<Parts>): Problem[] {
  return rules.flatMap((run) => run(parts));
}
