import { etcdctl } from "../cluster/etcd";
import { eventually } from "../eventually";
import { serverStates } from "../cluster/haproxy";
import { checkNode } from "../cluster/kubelet";
import { nodes } from "../cluster/nodes";
import type { StackFile } from "./stackFile";
import type { Suite } from "./suite";
import { suite } from "./suites";

/** The stack with external etcd, and what its committed stack file has. */
export const external = suite("external");
export const balancers = ["lb1", "lb2"];
export const etcdHosts = ["etcd1", "etcd2", "etcd3"];
export const controlPlanes = ["cp1", "cp2"];
export const nodeNames = [...controlPlanes, "w1"];
export const allHosts = [...balancers, ...etcdHosts, ...nodeNames];

/** The address that keepalived keeps on one of the balancers. */
export const virtualIp = "198.18.12.9";

/** How the cluster is to look. Default: as the committed stack file has it. */
export interface Shape {
  readonly balancers: readonly string[];
  readonly etcdHosts: readonly string[];
}

/** What stories look at in a cluster with external etcd and two balancers. */
export interface ExternalCluster {
  /** The balancers that have the virtual IP: one, if all is well. */
  readonly holders: (of?: readonly string[]) => Promise<string[]>;
  /** The one balancer that has it. @throws while it is on none, or on several. */
  readonly holder: () => Promise<string>;
  /**
   * Waits until everything is as it should be: the kubelet of every Node says that it is Ready, API servers ready, etcd's
   * members healthy, HAProxy and keepalived run on each balancer, which sees each API server, the virtual IP is on one.
   * Without Pulumi: what has failed has to come back by itself.
   *
   * @param seconds how long at most. Default: 180.
   */
  readonly whole: (shape?: Shape, seconds?: number) => Promise<void>;
}

/** The cluster of a suite that is made from the committed stack file with external etcd. */
export function externalCluster(suite: Suite, virtualIp: string): ExternalCluster {
  async function holders(of: readonly string[] = balancers): Promise<string[]> {
    const found = await Promise.all(
      of.map(async (name) => {
        const addresses = await suite.onHost(name, "ip -4 -oneline address show");
        return addresses.stdout.includes(` ${virtualIp}/`) ? [name] : [];
      }),
    );
    return found.flat();
  }

  async function holder(): Promise<string> {
    const [one, ...more] = await holders();
    if (one === undefined || more.length > 0) {
      throw new Error(`the virtual IP is on ${one === undefined ? "no balancer" : "several"}`);
    }
    return one;
  }

  async function whole(shape: Shape = { balancers, etcdHosts }, seconds = 180): Promise<void> {
    await eventually(seconds, async () => {
      const found = await nodes(suite);
      const wanted = [...new Set([...nodeNames, ...found.keys()])];
      await Promise.all(wanted.map((name) => checkNode(suite, name, found.get(name))));
      for (const name of controlPlanes) {
        const answer = await suite.outputOf(name, "curl -ksm 3 https://127.0.0.1:6443/readyz");
        if (answer !== "ok") throw new Error(`the API server on ${name} is not ready: ${answer}`);
      }
      const urls = shape.etcdHosts.map((name) => `https://${suite.addressOf(name)}:2379`);
      await etcdctl(suite, shape.etcdHosts[0] ?? "", "endpoint health", urls.join(","));
      for (const name of shape.balancers) {
        await checkServices(suite, name);
        await seesAllUp(suite, name);
      }
      await holder();
    });
  }

  return { holders, holder, whole };
}

async function checkServices(suite: Suite, balancer: string): Promise<void> {
  // What it prints, for its exit status is content with one of the two.
  const { stdout } = await suite.onHost(balancer, "systemctl is-active haproxy keepalived");
  const [haproxy, keepalived] = stdout.split("\n");
  if (haproxy !== "active" || keepalived !== "active") {
    throw new Error(`${balancer}: haproxy is ${haproxy}, keepalived is ${keepalived}`);
  }
}

async function seesAllUp(suite: Suite, balancer: string): Promise<void> {
  const states = await serverStates(suite, balancer);
  for (const name of controlPlanes) {
    if (states.get(name) !== "UP") throw new Error(`${balancer} does not see ${name} up`);
  }
}

export const { holders, holder, whole } = externalCluster(external, virtualIp);

/** The stack file's etcd hosts. */
export function etcdHostsIn(
  stack: StackFile,
): NonNullable<StackFile["config"]["kubeadm-ha:etcd"]["hosts"]> {
  const { hosts } = stack.config["kubeadm-ha:etcd"];
  if (hosts === undefined) throw new Error("the stack file has no etcd hosts");
  return hosts;
}

/** A fourth and a fifth etcd host. */
export function withFiveMembers(stack: StackFile): void {
  etcdHostsIn(stack).push(external.hostEntry("etcd4", 34), external.hostEntry("etcd5", 35));
}
