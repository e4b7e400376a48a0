import type { Progress } from "../../lab/output";
import type { PartResult } from "../report";
import { bringup } from "./bringup";
import { gaps } from "./gaps";
import { scale } from "./scale";
import type { Shared } from "./shared";
import { unchanged } from "./unchanged";
import { worker } from "./worker";

/** A part of the benchmark. */
export interface Part {
  readonly title: string;
  run(report: Progress, shared: Shared): Promise<PartResult>;
}

/** All parts, in their order: what comes later uses the cluster that the first has left. */
export const parts = {
  bringup: { title: "(a) Bring-up of three control planes and two workers", run: bringup },
  unchanged: { title: "(b) Nothing has changed", run: unchanged },
  worker: { title: "(c) A worker is added", run: worker },
  scale: { title: "(d) Many workers", run: scale },
  gaps: { title: "(e) Gaps in the API while something fails", run: gaps },
} as const satisfies Record<string, Part>;

/** A part's word on the command line. */
export type PartName = keyof typeof parts;
