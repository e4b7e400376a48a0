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
import { aptProblems } from "./mirror";
import {
  capacityProblems,
  endpointInsideProblems,
  insideProblems,
  overlapProblems,
  sizeProblems,
} from "./network";
import type { Parts } from "./parts";
import { rule, type Rule } from "./rule";
import { versionProblems } from "./versions";

const rules: readonly Rule[] = [
  rule(["kubernetes"], versionProblems),
  rule(["kubernetes"], apiAccessProblems),
  rule(["ssh"], sshProblems),
  rule(["hosts"], duplicateProblems),
  rule(["hosts", "ssh"], duplicateLoginProblems),
  rule(["network"], overlapProblems),
  rule(["network"], sizeProblems),
  rule(["network", "hosts"], insideProblems),
  rule(["endpoint", "loadBalancer", "network"], endpointInsideProblems),
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
  rule(["mirror"], aptProblems),
];

/** What the fields of a stack file must be to one another. Each rule says all that it finds. */
export function crossFieldProblems(parts: Partial<Parts>): Problem[] {
  return rules.flatMap((run) => run(parts));
}
