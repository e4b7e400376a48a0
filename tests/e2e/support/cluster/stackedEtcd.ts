import type { Suite } from "../suite/suite";
import { membersIn, type Member } from "./etcd";

/** kubectl's arguments for etcdctl in the pod of a stacked member, as the seed runs it. */
export function etcdctlInPod(node: string, args: string): string {
  const pki = "/etc/kubernetes/pki/etcd";
  const tls = `--cert=${pki}/server.crt --key=${pki}/server.key --cacert=${pki}/ca.crt`;
  return `-n kube-system exec etcd-${node} -- etcdctl --endpoints=https://127.0.0.1:2379 ${tls} ${args}`;
}

/** The members of stacked etcd. @param on the control plane whose member is asked. */
export async function stackedMembers(suite: Suite, on: string): Promise<readonly Member[]> {
  return membersIn(await suite.kubectl(etcdctlInPod(on, "member list")));
}
