import { readStack, type Role } from "../../../../lab/stack";
import { eventually } from "../eventually";
import { serverStates } from "../cluster/haproxy";
import { nodes, type NodeView } from "../cluster/nodes";
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

  async function checkNode(name: string, node: NodeView | undefined): Promise<void> {
    if (node?.ready !== true) throw new Error(`the Node ${name} is not Ready`);
    const started = await kubeletStart(suite, name);
    if (node.heartbeat < started) throw new Error(`${name}: the kubelet has not said that yet`);
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
      eventually(seconds, async () => checkNode(name, (await nodes(suite, on)).get(name))),
    whole: (seconds = 180) =>
      eventually(seconds, async () => {
        await Promise.all([...hostsOf("controlPlane").map(checkControlPlane), checkBalancer()]);
        const found = await nodes(suite);
        const wanted = hostsOf("controlPlane", "worker");
        await Promise.all(wanted.map((name) => checkNode(name, found.get(name))));
      }),
  };
}

/** When the kubelet that runs on a host was started, in milliseconds since 1970. @throws where none runs. */
async function kubeletStart(suite: Suite, host: string): Promise<number> {
  const properties = "--property ActiveState --property ActiveEnterTimestamp";
  const text = await suite.outputOf(host, `systemctl show kubelet --timestamp=unix ${properties}`);
  const started = /^ActiveEnterTimestamp=@(\d+)$/m.exec(text)?.[1];
  if (!/^ActiveState=active$/m.test(text) || started === undefined) {
    throw new Error(`${host}: the kubelet does not run: ${text}`);
  }
  return Number(started) * 1000;
}
