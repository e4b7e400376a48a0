/** What became of one write. Times are milliseconds since 1970. */
export interface Write {
  readonly key: string;
  readonly start: number;
  readonly end: number;
  /** HTTP status; 0 where there was no answer. */
  readonly status: number;
  readonly error?: string;
}

/** What a client that wrote all the while has seen. */
export interface WriteReport {
  readonly attempted: number;
  /** How many writes were answered with 2xx. */
  readonly acknowledged: number;
  /** Keys of acknowledged writes that could not be read back. */
  readonly lost: readonly string[];
  /** {@link gapIn} the whole time. */
  readonly gap: number;
  readonly writes: readonly Write[];
}

/** Whether the API has promised to keep the write. */
export function acknowledged({ status }: Write): boolean {
  return status >= 200 && status < 300;
}

/** A time of which only a part is looked at. Default: from the first write's start to the last one's end. */
interface Window {
  readonly from?: number;
  readonly to?: number;
}

/** The longest time without a success, in seconds: see {@link longestGap}. */
export function gapIn(writes: readonly Write[], window: Window = {}): number {
  return longestGap(writes, window).seconds;
}

/**
 * The longest time without a success: between the ends of two acknowledged writes, or between one and the window's edge.
 *
 * @returns also when it began, in milliseconds since 1970.
 */
export function longestGap(
  writes: readonly Write[],
  window: Window = {},
): { readonly seconds: number; readonly since: number } {
  const from = window.from ?? Math.min(...writes.map(({ start }) => start));
  const to = window.to ?? Math.max(...writes.map(({ end }) => end));
  const successes = writes
    .filter(acknowledged)
    .map(({ end }) => end)
    .filter((end) => end > from && end < to)
    .sort((a, b) => a - b);
  const edges = [from, ...successes, to];
  const gaps = edges.slice(1).map((edge, i) => {
    const since = edges[i] ?? edge;
    return { seconds: (edge - since) / 1000, since };
  });
  return gaps.reduce((longest, gap) => (gap.seconds > longest.seconds ? gap : longest));
}

/** @param present all keys that were read back in the end. */
export function reportOf(writes: readonly Write[], present: ReadonlySet<string>): WriteReport {
  const kept = writes.filter(acknowledged);
  return {
    attempted: writes.length,
    acknowledged: kept.length,
    lost: kept.map(({ key }) => key).filter((key) => !present.has(key)),
    gap: writes.length === 0 ? 0 : gapIn(writes),
    writes,
  };
}

/**
 * How many writes, the latest ones, were all acknowledged.
 *
 * @param since only those that began then or later.
 */
export function successesInARow(writes: readonly Write[], since: number): number {
  const later = writes.filter(({ start }) => start >= since);
  const lastFailure = later.findLastIndex((write) => !acknowledged(write));
  return later.length - 1 - lastFailure;
}

/** One trial of a fault: what the client saw while it lasted, and while it was mended. */
export interface Trial {
  readonly report: WriteReport;
  /** Seconds. */
  readonly gap: number;
  /** The gap while what had failed came back; undefined where nothing has to come back. */
  readonly gapAtReturn?: number | undefined;
}

/** The line that a story prints about a fault's trials. */
export function summary(fault: string, trials: readonly Trial[]): string {
  const line = (what: string, gaps: readonly number[]): string => {
    const all = gaps.map((gap) => gap.toFixed(1)).join(" ");
    return `gap: ${what}: ${Math.max(...gaps).toFixed(1)} s (worst of ${gaps.length}: ${all})`;
  };
  const sum = (count: (report: WriteReport) => number): number =>
    trials.reduce((all, { report }) => all + count(report), 0);
  const lines = [
    line(
      fault,
      trials.map(({ gap }) => gap),
    ) +
      `, ${sum((r) => r.acknowledged)} of ${sum((r) => r.attempted)} acknowledged, ` +
      `${sum((r) => r.lost.length)} lost`,
  ];
  const returns = trials.flatMap(({ gapAtReturn }) => gapAtReturn ?? []);
  if (returns.length > 0) lines.push(line(`${fault}: its return`, returns));
  return lines.join("\n");
}
