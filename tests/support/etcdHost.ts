import type { StepParameters } from "../../components/remote/steps";
import { etcdEnvironment, etcdUnit } from "../../components/render/etcd";

/** The address of `etcd1`, `etcd2` … in the tests. */
export function addressOf(name: string): string {
  return `192.168.1.3${name.slice("etcd".length)}`;
}

/** `name address`, a line for each member. */
export function memberLines(names: readonly string[]): string {
  return names.map((name) => `${name} ${addressOf(name)}\n`).join("");
}

/** What found-etcd and join-etcd are told on a host. */
export function memberParameters(
  name: string,
  wanted: readonly string[],
  version = "3.7.3",
): StepParameters["found-etcd"] {
  const address = addressOf(name);
  const times = { heartbeatIntervalMs: 100, electionTimeoutMs: 1000 };
  return {
    HOST_NAME: name,
    ADDRESS: address,
    CLUSTER_ID: "c1",
    ETCD_VERSION: version,
    ETCD_ENVIRONMENT: etcdEnvironment({ name, address, version, quotaMib: 8192, ...times }),
    ETCD_UNIT: etcdUnit({ version, service: {} }),
    MEMBERS: memberLines(wanted),
  };
}
