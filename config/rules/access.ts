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
  const values = argumentsOf(kubernetes.cluster["apiServer"], "anonymous-auth");
  if (values.every((value) => isTrue.test(String(value)))) return [];
  return [
    {
      path: "kubernetes.cluster.apiServer",
      message:
        "anonymous-auth must stay on: the load balancer asks /readyz without a client certificate",
    },
  ];
}

/** What Go's `strconv.ParseBool` takes for true. */
const isTrue = /^(1|[tT]|true|True|TRUE)$/;

/** The values that a component gets for an argument: v1beta3 has a map of them, v1beta4 a list with `name` and `value`. */
function argumentsOf(component: unknown, argument: string): readonly unknown[] {
  const extraArgs = (component as { extraArgs?: unknown } | null | undefined)?.extraArgs ?? {};
  const pairs: (readonly [unknown, unknown])[] = Array.isArray(extraArgs)
    ? (extraArgs as ({ name?: unknown; value?: unknown } | null)[]).map((one) => [
        one?.name,
        one?.value,
      ])
    : Object.entries(extraArgs);
  return pairs.filter(([name]) => name === argument).map(([, value]) => value);
}
