import { readFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";

import { duration, type Progress } from "../../lab/output";
import { pulumi } from "../../lab/pulumi";
import { dropState, stateDirectory } from "../../lab/state";
import type { Lab } from "../../lab/lab";
import { bend, slope, type Point } from "../arithmetic";
import { watchMemory, type MemoryPeak } from "../memory";
import type { Measurement, PartResult } from "../report";
import { noopEnvironment } from "../scale/noopPulumi";
import { imaginaryStack } from "../scale/stack";

const previewed = [10, 100, 1000] as const;
const brought = [10, 100] as const;

/** What is promised for the largest stack, and for each node. Growth: what counts as linear on a machine that is not quiet. */
const goals = { seconds: 90, mebibytes: 1536, kilobytes: 60, growth: 1.25 } as const;

interface Run {
  readonly count: number;
  readonly seconds: number;
  readonly memory: MemoryPeak;
}

/** Preview of stacks with many workers that do not exist, and the state that they make. */
export async function scale(report: Progress): Promise<PartResult> {
  const previews: Run[] = [];
  for (const count of previewed) {
    const lab = await imaginaryStack(count);
    dropState(lab);
    previews.push(await report.step(`preview, ${count} workers`, () => timed(lab, count), told));
  }
  const states: Point[] = [];
  const packed: Point[] = [];
  for (const count of brought) {
    const lab = await imaginaryStack(count);
    dropState(lab);
    const noop = await noopEnvironment(lab);
    await report.step(`up with no commands, ${count} workers`, () => timed(lab, count, noop), told);
    const state = readFileSync(stateFile(lab));
    states.push({ count, value: state.length / 1000 });
    packed.push({ count, value: gzipSync(state).length / 1000 });
    dropState(lab);
  }
  return { measurements: [...ofPreviews(previews), ...ofStates(states, packed)] };
}

const told = ({ seconds }: Run): string => duration(seconds);

/** A preview; with the environment of the plugin without commands, `up`. */
async function timed(lab: Lab, count: number, noop?: Record<string, string>): Promise<Run> {
  const verb = noop === undefined ? ["preview"] : ["up", "--yes", "--skip-preview"];
  const began = performance.now();
  const watch = watchMemory();
  const result = await pulumi(lab, [...verb, "--non-interactive", "--color", "never"], {
    env: noop ?? {},
  });
  const memory = watch.stop();
  if (result.code !== 0) throw new Error(`pulumi ${verb[0]} of ${count} failed:\n${result.tail}`);
  return { count, seconds: (performance.now() - began) / 1000, memory };
}

function ofPreviews(runs: readonly Run[]): Measurement[] {
  const last = runs.at(-1);
  const mebi = (bytes: number): number => bytes / 2 ** 20;
  const rows = runs.flatMap((run): Measurement[] => {
    const what = `preview, ${run.count} workers`;
    const largest = run === last;
    return [
      {
        what: `${what}: time`,
        value: run.seconds,
        unit: "s",
        ...(largest && { goal: { most: goals.seconds } }),
      },
      {
        what: `${what}: memory, all processes together`,
        value: mebi(run.memory.together),
        unit: "MiB",
        from: `engine ${mebi(run.memory.engine).toFixed(0)}, program ${mebi(run.memory.program).toFixed(0)}`,
        ...(largest && { goal: { most: goals.mebibytes } }),
      },
    ];
  });
  const growth = (what: string, value: (run: Run) => number): Measurement[] => {
    const ratio = bend(runs.map((run) => ({ count: run.count, value: value(run) })));
    if (ratio === undefined) return [];
    const from = "cost of a further worker between 100 and 1,000, over that between 10 and 100";
    return [
      {
        what: `growth of ${what} (1 is linear)`,
        value: ratio,
        unit: "×",
        from,
        goal: { most: goals.growth },
      },
    ];
  };
  return [
    ...rows,
    ...growth("time", ({ seconds }) => seconds),
    ...growth("memory", ({ memory }) => memory.together),
  ];
}

function ofStates(states: readonly Point[], packed: readonly Point[]): Measurement[] {
  const [small, large] = states;
  const [smallPacked, largePacked] = packed;
  if (small === undefined || large === undefined) return [];
  if (smallPacked === undefined || largePacked === undefined) return [];
  return [
    ...states.map(({ count, value }): Measurement => ({
      what: `state, ${count} workers`,
      value,
      unit: "KB",
      from: `${(value / (count + 4)).toFixed(1)} KB a host, the cluster's own part included`,
    })),
    {
      what: "state of each further worker",
      value: slope(small, large),
      unit: "KB",
      from: "between 10 and 100",
      goal: { most: goals.kilobytes },
    },
    {
      what: "the same, packed by gzip",
      value: slope(smallPacked, largePacked),
      unit: "KB",
      from: "as a backend on disk has it with PULUMI_SELF_MANAGED_STATE_GZIP=true",
    },
  ];
}

function stateFile(lab: Lab): string {
  return path.join(stateDirectory(lab), ".pulumi", "stacks", "kubeadm-ha", `${lab.stack}.json`);
}
