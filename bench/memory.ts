import { readdirSync, readFileSync } from "node:fs";

/** A process that ran, and the most memory that it had in use at once. */
export interface ProcessPeak {
  /** What it was: "engine", "program", "plugins" or "other". */
  readonly kind: Kind;
  /** Bytes. */
  readonly peak: number;
}

type Kind = "engine" | "program" | "plugins" | "other";

/** The most memory that a run of Pulumi had in use: each part's own peak, and the highest sum at one moment. Bytes. */
export interface MemoryPeak {
  readonly engine: number;
  readonly program: number;
  readonly together: number;
}

interface Seen {
  readonly parent: number;
  readonly kind: Kind;
  readonly now: number;
  readonly peak: number;
}

/** How often memory is looked at, in milliseconds. The kernel keeps each process' own peak in between. */
const interval = 100;

/** Watches all processes below this one that belong to a run of Pulumi, until it is stopped. */
export function watchMemory(): { stop(): MemoryPeak } {
  const peaks = new Map<number, ProcessPeak>();
  let together = 0;
  const look = (): void => {
    const seen = descendants(process.pid);
    let sum = 0;
    for (const [pid, { kind, now, peak }] of seen) {
      sum += now;
      if (peak >= (peaks.get(pid)?.peak ?? 0)) peaks.set(pid, { kind, peak });
    }
    together = Math.max(together, sum);
  };
  const timer = setInterval(look, interval);
  return {
    stop() {
      clearInterval(timer);
      const most = (kind: Kind): number =>
        Math.max(0, ...[...peaks.values()].filter((p) => p.kind === kind).map((p) => p.peak));
      return { engine: most("engine"), program: most("program"), together };
    },
  };
}

function descendants(root: number): Map<number, Seen> {
  const all = new Map<number, Seen>();
  for (const name of readdirSync("/proc").filter((one) => /^\d+$/.test(one))) {
    try {
      const status = readFileSync(`/proc/${name}/status`, "utf8");
      const command = readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ");
      const field = (key: string): number =>
        Number(new RegExp(`^${key}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? 0);
      all.set(Number(name), {
        parent: field("PPid"),
        kind: kindOf(command),
        now: field("VmRSS") * 1024,
        peak: field("VmHWM") * 1024,
      });
    } catch {
      // It has ended meanwhile.
    }
  }
  const below = (pid: number): boolean => {
    const parent = all.get(pid)?.parent ?? 0;
    return parent === root || (parent > 1 && below(parent));
  };
  return new Map([...all].filter(([pid]) => below(pid)));
}

/** What a process of a run of Pulumi is, by its command line. */
export function kindOf(command: string): Kind {
  if (/\/pulumi-resource-/.test(command)) return "plugins";
  if (/@pulumi\/pulumi\/cmd\/run\b/.test(command)) return "program";
  if (/\/pulumi (up|preview)\b/.test(command)) return "engine";
  return "other";
}
