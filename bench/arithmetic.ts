/** The middle of some numbers; of an even count, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new Error("there is no median of nothing");
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

/** One measurement of something that grows with a count. */
export interface Point {
  readonly count: number;
  readonly value: number;
}

/** What each further one costs between two counts. */
export function slope(from: Point, to: Point): number {
  return (to.value - from.value) / (to.count - from.count);
}

/**
 * How much dearer each further one is at the end than at the beginning: 1 where the growth is linear. It takes the first,
 * the middle and the last of three or more points.
 *
 * @returns undefined where the first slope is too small to compare with.
 */
export function bend(points: readonly Point[]): number | undefined {
  const [first, second] = points;
  const [beforeLast, last] = points.slice(-2);
  if (points.length < 3 || !first || !second || !beforeLast || !last) return undefined;
  const start = slope(first, second);
  return start <= 0 ? undefined : slope(beforeLast, last) / start;
}
