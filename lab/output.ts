/** What a step may tell while it runs: a short line of progress. */
export type Note = (text: string) => void;

/** A finished step and how long it took. */
export interface Phase {
  readonly name: string;
  /** Seconds. */
  readonly seconds: number;
}

/** Where a run's steps are told, a line each, with the time since the run began. */
export interface Progress {
  /** A line that belongs to no step. */
  line(text: string): void;
  /**
   * Runs a step and tells its end and its time. The beginning is told as soon as the step has a note or has taken a
   * second, so that quick steps are one line.
   *
   * @param outcome says how the step ended. Default: the result where it is a string, else "done".
   */
  step<T>(
    name: string,
    work: (note: Note) => Promise<T>,
    outcome?: (result: T) => string,
  ): Promise<T>;
  /** The steps that have ended, in their order. */
  readonly phases: readonly Phase[];
}

/** Turns seconds into "0:07" or "12:34". */
export function clock(seconds: number): string {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** Turns seconds into "0.4 s", "17 s" or "6 min 40 s". */
export function duration(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** How long a step runs silently before its beginning is told, in milliseconds. */
const quiet = 1000;

/**
 * Tells steps as lines such as "0:12  hosts: 6 answer (4.1 s)".
 *
 * @param write receives each line with its line break. Default: standard error, so that standard output stays free for
 *   what a command prints.
 */
export function lines(write: (text: string) => void = (t) => process.stderr.write(t)): Progress {
  const began = performance.now();
  const since = (start: number): number => (performance.now() - start) / 1000;
  const phases: Phase[] = [];
  const line = (text: string): void => write(`${clock(since(began)).padStart(5)}  ${text}\n`);
  return {
    phases,
    line,
    async step(name, work, outcome = (result) => (typeof result === "string" ? result : "done")) {
      const start = performance.now();
      let told = false;
      const begin = (): void => {
        if (!told) line(`${name} …`);
        told = true;
      };
      const timer = setTimeout(begin, quiet);
      try {
        const result = await work((text) => {
          begin();
          line(`  ${text}`);
        });
        const seconds = since(start);
        phases.push({ name, seconds });
        line(`${name}: ${outcome(result)} (${duration(seconds)})`);
        return result;
      } catch (error) {
        line(`${name}: failed (${duration(since(start))})`);
        throw error;
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

/** Lays rows out in columns; the last column is not padded. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows)
    row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, cell.length)));
  return rows
    .map((row) =>
      row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i] ?? 0))).join("  "),
    )
    .map((text) => `${text.trimEnd()}\n`)
    .join("");
}
