import { leader } from "../cluster/etcd";
import { eventually } from "../eventually";
import { controlPlaneFaults, deeds, fault, seenDown, type Choice } from "./fault";
import { balancers, controlPlanes, etcdHosts, type ExternalCluster } from "../suite/external";
import type { Suite } from "../suite/suite";
import type { Fault } from "./trials";

/**
 * What may fail in a cluster with external etcd and two balancers, beside what `external/faults` tells. Where one control
 * plane is as good as another, the one that the client's connection leads to is hit, so that the client notices.
 */
export function externalFaults(suite: Suite, { holder, whole }: ExternalCluster): readonly Fault[] {
  const used: Choice = async (writer) => writer.serverBehind(await holder());
  const { off, on, shell } = deeds(suite);

  return [
    ...controlPlanes.map((name) => fault(`${name} powered off`, () => name, off, on)),
    ...controlPlaneFaults(suite, used),
    fault("etcd killed", () => leader(suite, etcdHosts[0] ?? ""), shell("pkill -KILL -x etcd")),
    {
      ...fault(
        "API server up but not ready",
        used,
        (host) => beginShutdown(suite, host),
        // The kubelet starts another.
        shell("pkill -KILL -x kube-apiserver"),
      ),
      async around(trial) {
        try {
          for (const name of controlPlanes) {
            await delayShutdowns(suite, name);
            // The next one goes only when the balancers have this one again.
            await whole();
          }
          return await trial();
        } finally {
          for (const name of controlPlanes) await delayNoShutdown(suite, name);
        }
      },
    },
    fault("HAProxy restarted", holder, shell("systemctl restart haproxy")),
  ];
}

const manifest = "/etc/kubernetes/manifests/kube-apiserver.yaml";
/** Beside the folder that the kubelet watches, so that the file comes into it whole. */
const draft = "/etc/kubernetes/kube-apiserver.story";
const option = "--shutdown-delay-duration";
/** Longer than any trial. */
const delay = "10m";
/** An API server with the option, by its command line, of which pgrep may see the beginning only. */
const delayed = `pgrep -f '^kube-apiserver ${option}='`;
const ready = "curl -sSkfm 5 -o /dev/null https://127.0.0.1:6443/readyz";

/**
 * Lets the API server of a control plane go on for a while when it is told to end. In that time it serves every request and
 * says that it is not ready, which is there for load balancers to see. It begins anew with this.
 *
 * etcd cannot be what makes it not ready: the balancers leave it out of what they ask, as all API servers share it.
 */
async function delayShutdowns(suite: Suite, host: string): Promise<void> {
  await edit(suite, host, `s/^\\( *\\)- kube-apiserver$/&\\n\\1- ${option}=${delay}/`);
  await eventually(180, () => suite.outputOf(host, `${delayed} && ${ready}`));
}

/** Takes that back; harmless where it is not so. */
async function delayNoShutdown(suite: Suite, host: string): Promise<void> {
  await edit(suite, host);
  // The kubelet waits for the end of the old one, and kills it after 30 s.
  await eventually(180, () => suite.outputOf(host, `! ${delayed} && ${ready}`));
}

/** Edits the manifest of an API server, from which the option has been taken. */
async function edit(suite: Suite, host: string, script = ""): Promise<void> {
  const scripts = `-e '/^ *- ${option}=/d' -e '${script}'`;
  await suite.outputOf(
    host,
    `cp -p ${manifest} ${draft} && sed -i ${scripts} ${draft} && mv ${draft} ${manifest}`,
  );
}

/** Waits until the API server says that it is not ready, and until both balancers have seen it, while it still answers. */
async function beginShutdown(suite: Suite, host: string): Promise<void> {
  await suite.outputOf(host, "pkill -TERM -x kube-apiserver");
  const ask = (path: string): Promise<string> =>
    suite.outputOf(host, `curl -sSkm 5 'https://127.0.0.1:6443${path}'`);
  await eventually(30, async () => {
    const answer = await ask("/readyz?exclude=etcd&exclude=etcd-readiness");
    const failed = [...answer.matchAll(/^\[-\](\S+) failed/gm)].map(([, check]) => check);
    if (failed.join() !== "shutdown") {
      throw new Error(`the API server on ${host} does not say that it shuts down: ${answer}`);
    }
  });
  await Promise.all(balancers.map((balancer) => seenDown(suite, balancer, host)));
  // It is not one that has ended which they have seen.
  const alive = await ask("/livez");
  if (alive !== "ok") throw new Error(`the API server on ${host} is more than not ready: ${alive}`);
}
