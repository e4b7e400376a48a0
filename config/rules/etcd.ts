import { badEtcdRelease, lowestEtcdVersion } from "../etcdReleases";
import type { Problem } from "../problem";
import type { ExternalEtcdSpec, Spec } from "../spec";
import { etcdVersionOf } from "../topology";
import { isOlder } from "../versions";

/** etcd has a number of members that survives failures, and is a release that Kubernetes takes. */
export function etcdProblems(spec: Spec): Problem[] {
  const { etcd } = spec;
  return etcd.topology === "stacked"
    ? stackedProblems(spec)
    : [
        ...countProblems(etcd),
        ...releaseProblems(spec, etcd),
        ...timingProblems(etcd),
        ...certificateProblems(etcd),
      ];
}

function stackedProblems({ controlPlanes: { length: count } }: Spec): Problem[] {
  if (count % 2 === 1) return [];
  return [
    {
      path: "controlPlanes",
      message: `${count} control planes with stacked etcd: an even number of etcd members survives no more failures than ${count - 1}; use 1, 3, 5 or 7`,
    },
  ];
}

function countProblems({ hosts: { length: count }, allowSingle }: ExternalEtcdSpec): Problem[] {
  const path = "etcd.hosts";
  if (count === 1 && !allowSingle) {
    const message =
      "one etcd host: its loss is the loss of all the cluster's data; use 3, 5 or 7, or say allowSingle: true";
    return [{ path, message }];
  }
  if (count % 2 === 1) return [];
  const message = `${count} etcd hosts: an even number survives no more failures than ${count - 1}; use 3, 5 or 7`;
  return [{ path, message }];
}

function releaseProblems(spec: Spec, etcd: ExternalEtcdSpec): Problem[] {
  const version = etcdVersionOf(spec, etcd);
  const lowest = lowestEtcdVersion(spec.kubernetes.version);
  const path = "etcd.version";
  if (isOlder(version, lowest)) {
    const message = `${version} is too old: kubeadm ${spec.kubernetes.version} takes an external etcd from ${lowest} on`;
    return [{ path, message }];
  }
  const reason = badEtcdRelease(version);
  return reason === undefined ? [] : [{ path, message: `${version} must not be used: ${reason}` }];
}

/** etcd itself refuses an election time-out below five heartbeats (its own start-up check). */
function timingProblems({ heartbeatIntervalMs, electionTimeoutMs }: ExternalEtcdSpec): Problem[] {
  if (electionTimeoutMs >= 5 * heartbeatIntervalMs) return [];
  const message = `${electionTimeoutMs} is less than five heartbeats of ${heartbeatIntervalMs} ms, which etcd refuses`;
  return [{ path: "etcd.electionTimeoutMs", message }];
}

function certificateProblems({ certificates }: ExternalEtcdSpec): Problem[] {
  const { validityHours, earlyRenewalHours } = certificates;
  if (earlyRenewalHours <= validityHours) return [];
  const message = `${earlyRenewalHours} is more than the certificates' validity of ${validityHours} hours`;
  return [{ path: "etcd.certificates.earlyRenewalHours", message }];
}
