import { badEtcdRelease, lowestEtcdVersion } from "../etcdReleases";
import type { Problem } from "../problem";
import { etcdVersionOf } from "../topology";
import { isOlder } from "../versions";
import { namesGone } from "./gone";
import type { Some } from "./parts";

/** Stacked etcd has a number of members that survives failures. */
export function stackedCountProblems(parts: Some<"etcd" | "controlPlanes" | "hosts">): Problem[] {
  const { length: count } = parts.controlPlanes;
  if (parts.etcd.topology === "external" || count % 2 === 1) return [];
  if (namesGone(parts, "controlPlanes")) return [];
  const message = `${count} control planes with stacked etcd: an even number of etcd members survives no more failures than ${count - 1}; use 1, 3, 5 or 7`;
  return [{ path: "controlPlanes", message }];
}

/** External etcd has a number of members that survives failures, or says that it is meant not to. */
export function externalCountProblems(parts: Some<"etcd" | "hosts">): Problem[] {
  const { etcd } = parts;
  const path = "etcd.hosts";
  if (etcd.topology === "stacked" || namesGone(parts, path)) return [];
  const { length: count } = etcd.hosts;
  if (count === 1 && !etcd.allowSingle) {
    const message =
      "one etcd host: its loss is the loss of all the cluster's data; use 3, 5 or 7, or say allowSingle: true";
    return [{ path, message }];
  }
  if (count % 2 === 1) return [];
  const message = `${count} etcd hosts: an even number survives no more failures than ${count - 1}; use 3, 5 or 7`;
  return [{ path, message }];
}

/** External etcd is a release that kubeadm takes and nothing is known against. */
export function releaseProblems({ etcd, kubernetes }: Some<"etcd" | "kubernetes">): Problem[] {
  if (etcd.topology === "stacked") return [];
  const version = etcdVersionOf({ kubernetes }, etcd);
  const lowest = lowestEtcdVersion(kubernetes.version);
  const path = "etcd.version";
  if (isOlder(version, lowest)) {
    const message = `${version} is too old: kubeadm ${kubernetes.version} takes an external etcd from ${lowest} on`;
    return [{ path, message }];
  }
  const reason = badEtcdRelease(version);
  return reason === undefined ? [] : [{ path, message: `${version} must not be used: ${reason}` }];
}

/** etcd itself refuses an election time-out below five heartbeats (its own start-up check). */
export function timingProblems({ etcd }: Some<"etcd">): Problem[] {
  if (etcd.topology === "stacked") return [];
  const { heartbeatIntervalMs, electionTimeoutMs } = etcd;
  if (electionTimeoutMs >= 5 * heartbeatIntervalMs) return [];
  const message = `${electionTimeoutMs} is less than five heartbeats of ${heartbeatIntervalMs} ms, which etcd refuses`;
  return [{ path: "etcd.electionTimeoutMs", message }];
}

/** Certificates are not to be renewed before they are made. */
export function certificateProblems({ etcd }: Some<"etcd">): Problem[] {
  if (etcd.topology === "stacked") return [];
  const { validityHours, earlyRenewalHours } = etcd.certificates;
  if (earlyRenewalHours <= validityHours) return [];
  const message = `${earlyRenewalHours} is more than the certificates' validity of ${validityHours} hours`;
  return [{ path: "etcd.certificates.earlyRenewalHours", message }];
}
