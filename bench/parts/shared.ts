/** What one part of a run leaves for the next. */
export interface Shared {
  /** Seconds of `pulumi up` on fresh hosts, the median of this run. The cluster is then there. */
  bringUp?: number;
}
