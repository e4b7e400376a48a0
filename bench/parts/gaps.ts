import type { Progress } from "../../lab/output";
import { plugIn, powerOff, powerOn, unplug } from "../../tests/e2e/support/machines";
import { tryFault, type Fault } from "../../tests/e2e/support/trials";
import type { Trial } from "../../tests/e2e/support/writes";
import type { Measurement, PartResult } from "../report";
import { bench, ensureCluster, etcdLeader, whole } from "../suite";
import type { Shared } from "./shared";

const goal = { most: 3, aim: 1 } as const;
const controlPlanes = ["cp1", "cp2", "cp3"] as const;

/** What a client sees that writes ten times a second through the balancer, while something fails; the worst of three trials. */
export async function gaps(report: Progress, shared: Shared): Promise<PartResult> {
  if (shared.bringUp === undefined) await ensureCluster();
  const measurements: Measurement[] = [];
  for (const fault of faults()) {
    const trials = await report.step(
      fault.name,
      () => tryFault(bench, fault, () => whole()),
      (done) => `${worst(done).toFixed(1)} s`,
    );
    measurements.push(...measured(fault.name, trials));
  }
  return { measurements };
}

const worst = (trials: readonly Trial[]): number => Math.max(...trials.map(({ gap }) => gap));

function measured(what: string, trials: readonly Trial[]): Measurement[] {
  const sum = (count: (trial: Trial) => number): number =>
    trials.reduce((all, trial) => all + count(trial), 0);
  const lost = sum(({ report }) => report.lost.length);
  const acknowledged = sum(({ report }) => report.acknowledged);
  // A client whose writes never succeed loses none either.
  if (acknowledged === 0) throw new Error(`${what}: no write was acknowledged`);
  const each = trials.map(({ gap }) => gap.toFixed(1)).join(", ");
  const from = `worst of ${each}; ${acknowledged} of ${sum((t) => t.report.attempted)} writes acknowledged, ${lost} of them lost`;
  const returns = trials.flatMap(({ gapAtReturn }) => gapAtReturn ?? []);
  return [
    { what, value: worst(trials), unit: "s", from, goal },
    ...(returns.length === 0
      ? []
      : [
          {
            what: `${what}: its return`,
            value: Math.max(...returns),
            unit: "s",
            from: `worst of ${returns.map((gap) => gap.toFixed(1)).join(", ")}`,
            goal,
          },
        ]),
  ];
}

/** The faults of the stacked cluster; those of external etcd and the virtual IP are e2e stories. */
export function faults(): Fault[] {
  return [
    ...controlPlanes.map((name) => struck(`${name} powered off`, () => name, powerOff_, powerOn_)),
    struck("etcd's leader powered off", () => etcdLeader(), powerOff_, powerOn_),
    struck(
      "a control plane cut from the network",
      used,
      (name) => unplug(bench, name),
      (name) => plugIn(bench, name),
    ),
    struck(
      "kubelet stopped",
      used,
      shell("systemctl stop kubelet"),
      shell("systemctl start kubelet"),
    ),
    struck(
      "containerd stopped",
      used,
      shell("systemctl stop containerd"),
      shell("systemctl start containerd kubelet"),
    ),
    struck("API server killed", used, shell("pkill -KILL -x kube-apiserver")),
    struck("etcd killed", used, shell("pkill -KILL -x etcd")),
    struck("balancer restarted", () => "lb", shell("systemctl restart haproxy")),
  ];
}

const powerOff_ = (name: string): Promise<void> => powerOff(bench, name);
const powerOn_ = (name: string): Promise<void> => powerOn(bench, name);

/** The control plane that the client's connection leads to: the one whose fault it notices. */
const used: Choice = (writer) => writer.serverBehind("lb");

type Choice = (writer: Parameters<Fault["strike"]>[0]) => string | Promise<string>;
type Deed = (host: string) => Promise<unknown>;

function shell(command: string): Deed {
  return (host) => bench.outputOf(host, command);
}

function struck(name: string, choose: Choice, strike: Deed, mend?: Deed): Fault {
  let hit = "";
  return {
    name,
    async strike(writer) {
      hit = await choose(writer);
      await strike(hit);
    },
    ...(mend !== undefined && {
      async mend() {
        await mend(hit);
      },
    }),
  };
}
