import { readStack, type Role } from "../../../../lab/stack";
import { eventually } from "../eventually";
import { serverStates } from "../cluster/haproxy";
import { checkNode } from "../cluster/kubelet";
import { nodes } from "../cluster/nodes";
import type { Suite } from "./suite";

/** What the committed stack file with stacked etcd has; the balancer is HAProxy. */
export const controlPlanes = ["cp1", "cp2", "cp3"] as const;
export const balancer = "lb";

/** What stories and the benchmark look at in a cluster with stacked etcd behind one balancer. */
export interface StackedCluster {
  /** The control plane whose etcd member leads. @throws while none leads. */
  readonly etcdLeader: () => Promise<string>;
  /**
   * Waits until a Node is Ready, and said so after its kubelet last started: a Node whose host is gone stays Ready for 40 s.
   *
   * @param options.on a control plane that is there to be asked. Default: the first one.
   * @param options.seconds how long at most. Default: 180.
   */
  readonly nodeReady: (
    name: string,
    options?: { readonly on?: string; readonly seconds?: number },
  ) => Promise<void>;
  /**
   * Waits until everything is as it should be: the kubelet of every Node of the stack file says that it is Ready, API servers
   * ready, etcd's members healthy, the balancer sees each API server. Without Pulumi: what has failed has to come back by
   * itself.
   *
   * @param seconds how long at most. Default: 180.
   */
  readonly whole: (seconds?: number) => Promise<void>;
}

/** The cluster of a suite that is made from the committed stack file with stacked etcd. */
export function stackedCluster(suite: Suite): StackedCluster {
  const hostsOf = (...roles: Role[]): string[] =>
    readStack(suite.lab).hosts.flatMap(({ name, role }) => (roles.includes(role) ? [name] : []));

  async function etcdLeader(): Promise<string> {
    return eventually(10, async () => {
      const leads = await Promise.all(
        hostsOf("controlPlane").map(async (name) => {
          const metrics = await suite.outputOf(name, "curl -sSfm 5 http://127.0.0.1:2381/metrics");
          return /^etcd_server_is_leader 1$/m.test(metrics) ? [name] : [];
        }),
      );
      const [found, ...more] = leads.flat();
      if (found === undefined || more.length > 0) {
        throw new Error(`these members of etcd say that they lead: ${leads.flat().join(", ")}`);
      }
      return found;
    });
  }

  async function checkControlPlane(name: string): Promise<void> {
    const ready = await suite.outputOf(name, "curl -sSkfm 5 https://127.0.0.1:6443/readyz");
    if (ready !== "ok") throw new Error(`the API server on ${name} is not ready: ${ready}`);
    const health = await suite.outputOf(name, "curl -sSfm 5 http://127.0.0.1:2381/health");
    if (!health.includes('"health":"true"')) throw new Error(`etcd on ${name}: ${health}`);
  }

  async function checkBalancer(): Promise<void> {
    const states = await serverStates(suite, balancer);
    for (const name of hostsOf("controlPlane")) {
      const state = states.get(name) ?? "unknown";
      if (state !== "UP") throw new Error(`${balancer} sees the API server on ${name} ${state}`);
    }
  }

  return {
    etcdLeader,
    nodeReady: (name, { on, seconds = 180 } = {}) =>
      eventually(seconds, async () => checkNode(suite, name, (await nodes(suite, on)).get(name))),
    whole: (seconds = 180) =>
      eventually(seconds, async () => {
        await Promise.all([...hostsOf("controlPlane").map(checkControlPlane), checkBalancer()]);
        const found = await nodes(suite);
        const wanted = hostsOf("controlPlane", "worker");
        await Promise.all(wanted.map((name) => checkNode(suite, name, found.get(name))));
      }),
  };
}
