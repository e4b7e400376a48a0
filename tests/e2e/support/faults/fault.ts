import { eventually } from "../eventually";
import { serverStates } from "../cluster/haproxy";
import { powerOff, powerOn } from "./machines";
import type { Suite } from "../suite/suite";
import type { Fault } from "./trials";
import type { Writer } from "../writes/writer";

/** Finds the host that a fault is to hit. */
export type Choice = (writer: Writer) => string | Promise<string>;
/** What is done to it. */
export type Deed = (host: string) => Promise<unknown>;

/**
 * A fault of one host, which is chosen anew in each trial.
 *
 * @param mend brings back what had failed; leave it out where it comes back by itself.
 */
export function fault(name: string, choose: Choice, strike: Deed, mend?: Deed): Fault {
  let hit: string | undefined;
  return {
    name,
    async strike(writer) {
      hit = undefined;
      hit = await choose(writer);
      await strike(hit);
    },
    ...(mend !== undefined && {
      async mend() {
        if (hit !== undefined) await mend(hit);
      },
    }),
  };
}

/** What is done to hosts of a suite, whatever they are there for. */
export interface Deeds {
  readonly off: Deed;
  readonly on: Deed;
  /** A command as root. */
  readonly shell: (command: string) => Deed;
}

/** The {@link Deeds} for a suite's hosts. */
export function deeds(suite: Suite): Deeds {
  return {
    off: (host) => powerOff(suite, host),
    on: (host) => powerOn(suite, host),
    shell: (command) => (host) => suite.outputOf(host, command),
  };
}

/** What may fail on a control plane, wherever etcd is. @param choose which of them is hit. */
export function controlPlaneFaults(suite: Suite, choose: Choice): readonly Fault[] {
  const { shell } = deeds(suite);
  return [
    fault(
      "kubelet stopped",
      choose,
      shell("systemctl stop kubelet"),
      shell("systemctl start kubelet"),
    ),
    fault(
      "containerd stopped",
      choose,
      shell("systemctl stop containerd"),
      shell("systemctl start containerd kubelet"),
    ),
    fault("API server killed", choose, shell("pkill -KILL -x kube-apiserver")),
  ];
}

/** Waits, 30 s at most, until HAProxy on a balancer gives an API server nothing any more. */
export async function seenDown(suite: Suite, balancer: string, host: string): Promise<void> {
  await eventually(30, async () => {
    const state = (await serverStates(suite, balancer)).get(host);
    if (state !== "DOWN") throw new Error(`${balancer} sees the API server on ${host} ${state}`);
  });
}
