import type { Problem } from "../problem";
import type { Some } from "./parts";

/** There is one way to log in. */
export function sshProblems({ ssh }: Some<"ssh">): Problem[] {
  if (ssh.agent && ssh.privateKeyFile !== undefined) {
    const message = "ssh.agent is set too: choose one of them";
    return [{ path: "ssh.privateKeyFile", message }];
  }
  return [];
}

/** The balancer asks /readyz without a client certificate. */
export function apiAccessProblems({ kubernetes }: Some<"kubernetes">): Problem[] {
  const apiServer = kubernetes.cluster["apiServer"];
  if (!JSON.stringify(apiServer ?? {}).includes("anonymous-auth")) return [];
  return [
    {
      path: "kubernetes.cluster.apiServer",
      message:
        "anonymous-auth must stay on: the load balancer asks /readyz without a client certificate",
    },
  ];
}
