import { eventually } from "../eventually";
import { controlPlaneFaults, deeds, fault, seenDown, type Choice } from "./fault";
import { plugIn, unplug } from "./machines";
import { balancer, controlPlanes, stackedCluster } from "../suite/stackedCluster";
import type { Suite } from "../suite/suite";
import type { Fault } from "./trials";

/**
 * Everything that may fail in a cluster with stacked etcd behind one balancer, a part at a time. Where one control plane is
 * as good as another, the one that the client's connection leads to is hit, so that the client notices.
 */
export function stackedFaults(suite: Suite): readonly Fault[] {
  const { etcdLeader } = stackedCluster(suite);
  const used: Choice = (writer) => writer.serverBehind(balancer);
  const { off, on, shell } = deeds(suite);

  return [
    ...controlPlanes.map((name, i) =>
      fault(`${name}${i === 0 ? ", the founder," : ""} powered off`, () => name, off, on),
    ),
    fault("etcd's leader powered off", etcdLeader, off, on),
    fault(
      "a control plane cut from the network",
      used,
      (host) => unplug(suite, host),
      (host) => plugIn(suite, host),
    ),
    ...controlPlaneFaults(suite, used),
    fault("etcd killed", used, shell("pkill -KILL -x etcd")),
    fault(
      "API server up but not ready",
      used,
      (host) => takeEtcdAway(suite, host),
      (host) => giveEtcdBack(suite, host),
    ),
    fault("balancer restarted", () => balancer, shell("systemctl restart haproxy")),
  ];
}

/** Drops what the API server sends its own etcd member. The comment makes it a rule that is nobody else's. */
const rule =
  "INPUT -i lo -p tcp --dport 2379 -m comment --comment kubeadm-ha-story:etcd-taken-away -j DROP";

/**
 * An API server without its etcd accepts connections and answers, and yet is of no use. Waits until it says so itself, and
 * until the balancer has seen it.
 */
async function takeEtcdAway(suite: Suite, host: string): Promise<void> {
  await suite.outputOf(host, `iptables --wait 10 -I ${rule}`);
  const ask = (what: string): Promise<string> =>
    suite.outputOf(host, `curl -sSkm 10 -w ' %{http_code}' 'https://127.0.0.1:6443/readyz${what}'`);
  await eventually(30, async () => {
    const answer = await ask("");
    if (!/^\[-\]etcd failed/m.test(answer) || !answer.endsWith(" 500")) {
      throw new Error(`the API server on ${host} is ready without its etcd: ${answer}`);
    }
  });
  const otherwise = await ask("?exclude=etcd&exclude=etcd-readiness");
  if (otherwise !== "ok 200") {
    throw new Error(`the API server on ${host} lacks more than its etcd: ${otherwise}`);
  }
  await seenDown(suite, balancer, host);
}

/** Harmless where it was not taken away. */
async function giveEtcdBack(suite: Suite, host: string): Promise<void> {
  // As often as the rule is there.
  const present = `iptables --wait 10 -C ${rule} 2>/dev/null`;
  await suite.outputOf(host, `while ${present}; do iptables --wait 10 -D ${rule} || exit 1; done`);
}
