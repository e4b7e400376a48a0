import { execFileSync } from "node:child_process";

import { journal, saysWithin } from "../cluster/journal";
import { runPulumi } from "../suite/pulumiRun";
import { plugIn, unplug } from "./machines";
import { strikeDuringUp, type StruckRun } from "./struckRun";
import type { Suite } from "../suite/suite";
import { lockHolders } from "../../../../lab/state";

/** A moment at which a run of Pulumi ends early: when a step on a host says something. */
export interface Interruption {
  /** The host. */
  readonly on: string;
  /** How the line in the host's journal begins: `STEP: TEXT`. */
  readonly line: string;
  /** What that step says next, where this has to be before it. */
  readonly before?: string;
  /** The step's resource by its name: Pulumi has to be at work on it. */
  readonly resource: string;
  /** A host that is cut from the network meanwhile: the step waits for it, and would be over too soon otherwise. */
  readonly waitsFor?: string;
}

/**
 * Begins `pulumi up` and kills Pulumi and its plugins, as by `kill -9`, as soon as a step on a host has said something; then
 * `pulumi cancel`, which is what Pulumi tells its user to do. Steps that are under way on hosts go on by themselves.
 *
 * @throws when the run ends before that moment.
 */
export async function killDuringUp(suite: Suite, moment: Interruption): Promise<void> {
  const { waitsFor } = moment;
  if (waitsFor !== undefined) await unplug(suite, waitsFor);
  const run = await interruptUp(suite, moment, (engine) => {
    // It stands still while its plugins are looked for, so that it cannot tell anybody that they are gone.
    process.kill(engine, "SIGSTOP");
    for (const pid of withDescendants(engine)) kill(pid);
  }).finally(() => (waitsFor === undefined ? undefined : plugIn(suite, waitsFor)));
  expect(run.code).not.toBe(0);
  // What Ctrl-C has to leave: nothing of either.
  expect(lockHolders(suite.lab)).toHaveLength(1);
  expect(await underWay(suite)).toContain(moment.resource);
  await runPulumi(suite.lab, ["cancel", "--yes"]);
}

/**
 * Begins `pulumi up` and presses Ctrl-C, once, as soon as a step on a host has said something. The run has to end with a
 * failure after the steps that were under way, and to leave neither a lock nor anything that was begun and not ended.
 *
 * @returns how many seconds after Ctrl-C it had ended.
 * @throws when the run ends before that moment.
 */
export async function ctrlCDuringUp(suite: Suite, moment: Interruption): Promise<number> {
  const run = await interruptUp(suite, moment, (engine) => {
    // A terminal sends it to the whole group in the foreground; Pulumi puts its plugins into groups of their own.
    process.kill(-engine, "SIGINT");
  });
  expect(run.code).not.toBe(0);
  expect(lockHolders(suite.lab)).toEqual([]);
  const { begin, ended } = run;
  const [step] = moment.line.split(":");
  const lines = (await journal(suite, moment.on, begin)).filter(([at]) => at <= ended);
  const said = lines.map(([, text]) => text);
  const from = said.findIndex((text) => text.startsWith(moment.line));
  expect(said.slice(from)).toContain(`${step}: end`);
  expect(await underWay(suite)).toEqual([]);
  return run.secondsAfter;
}

/** @param signal is given Pulumi's own process. */
async function interruptUp(
  suite: Suite,
  { on, line, before }: Interruption,
  signal: (engine: number) => void,
): Promise<StruckRun & { readonly begin: number; readonly ended: number }> {
  const times = { begin: 0, interrupted: 0 };
  const run = await strikeDuringUp(
    suite,
    async (since) => {
      times.begin = since;
      // Not longer at a time, so that a run's early end does not go unnoticed.
      if (await saysWithin(suite, on, line, { since, seconds: 60 })) return;
      const told = (await journal(suite, on, since)).map(([, text]) => text).join("\n");
      throw new Error(`${on} has not said "${line}":\n${told}`);
    },
    () => {
      const holders = lockHolders(suite.lab);
      expect(holders).toHaveLength(1);
      for (const engine of holders) signal(engine);
      times.interrupted = Date.now();
      return Promise.resolve();
    },
  );
  const ended = Date.now();
  const lines = (await journal(suite, on, times.begin)).filter(([at]) => at <= times.interrupted);
  const said = lines.map(([, text]) => text);
  expect(said.filter((text) => text.startsWith(line))).not.toEqual([]);
  if (before !== undefined) expect(said).not.toContain(before);
  return { ...run, begin: times.begin, ended };
}

/** The resources that Pulumi's state says have been begun and not ended, by their names. */
async function underWay(suite: Suite): Promise<readonly string[]> {
  interface Exported {
    deployment: { pending_operations?: { resource: { urn: string } }[] };
  }
  const { stdout } = await runPulumi(suite.lab, ["stack", "export"]);
  const { deployment } = JSON.parse(stdout) as Exported;
  return (deployment.pending_operations ?? []).map(
    ({ resource }) => resource.urn.split("::").at(-1) ?? "",
  );
}

/** A process and all that it and its children have started, itself first. */
function withDescendants(ancestor: number): readonly number[] {
  const table = execFileSync("ps", ["-eo", "pid=,ppid="], { encoding: "utf8" })
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number));
  const family = (of: number): number[] => [
    of,
    ...table.flatMap(([pid, parent]) => (pid !== undefined && parent === of ? family(pid) : [])),
  ];
  return family(ancestor);
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself meanwhile.
  }
}
