import type { Problem } from "../problem";
import type { Spec } from "../spec";

/** There is one way to log in. */
export function sshProblems(spec: Spec): Problem[] {
  if (spec.ssh.agent && spec.ssh.privateKeyFile !== undefined) {
    const message = "ssh.agent is set too: choose one of them";
    return [{ path: "ssh.privateKeyFile", message }];
  }
  return [];
}

/** The balancer asks /readyz without a client certificate. */
export function apiAccessProblems(spec: Spec): Problem[] {
  const apiServer = spec.kubernetes.cluster["apiServer"];
  if (!JSON.stringify(apiServer ?? {}).includes("anonymous-auth")) return [];
  return [
    {
      path: "kubernetes.cluster.apiServer",
      message:
        "anonymous-auth must stay on: the load balancer asks /readyz without a client certificate",
    },
  ];
}
