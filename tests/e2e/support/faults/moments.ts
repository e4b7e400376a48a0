import type { Suite } from "../suite/suite";
import { ctrlCDuringUp, type Interruption } from "./interruption";

/** A moment of a bring-up, as a story's line calls it: `while $when`. */
export type Moment = Interruption & { readonly when: string };

/** {@link ctrlCDuringUp} at a moment, with its time printed: the run has to end within five minutes. */
export async function expectCtrlCTaken(suite: Suite, moment: Moment): Promise<void> {
  const seconds = await ctrlCDuringUp(suite, moment);
  console.log(`Ctrl-C while ${moment.when}: ended after ${seconds.toFixed(1)} s`);
  expect(seconds).toBeLessThan(300);
}

/**
 * Moments that every bring-up has, wherever its etcd is, in their order. Each is in a step that has not begun when the one
 * before it has come.
 *
 * @param cluster the cluster's name, which is the stack's.
 */
export function moments(cluster: string): {
  readonly packages: (host: string) => Moment;
  readonly init: Moment;
  readonly admit: Moment;
  readonly controlPlaneJoins: Moment;
  readonly labels: Moment;
  readonly verification: Moment;
} {
  return {
    packages: (host) => ({
      when: `${host} installs packages (prepare)`,
      on: host,
      line: "prepare-node: installing ",
      resource: `${host}-prepare`,
    }),
    init: {
      when: "kubeadm init is at work (found)",
      on: "cp1",
      line: "found: kubeadm init",
      before: "found: kubeadm init has ended",
      resource: `${cluster}-found`,
    },
    admit: {
      when: "the nodes are admitted",
      on: "cp1",
      line: "admit: begin",
      resource: `${cluster}-admit`,
    },
    controlPlaneJoins: {
      when: "cp2 joins",
      on: "cp2",
      line: "join: kubeadm join",
      before: "join: kubeadm join has ended",
      resource: "cp2-join",
    },
    labels: {
      when: "Nodes get their labels (roster)",
      on: "cp1",
      line: "roster: begin",
      resource: `${cluster}-roster`,
    },
    verification: {
      when: "the cluster is verified",
      on: "cp1",
      line: "verify: begin",
      resource: `${cluster}-verify`,
    },
  };
}
