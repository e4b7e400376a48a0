import { journal, type StepTimes } from "./journal";
import type { Suite } from "../suite/suite";

/** When a step ran on a host. */
export interface StepSpan extends StepTimes {
  readonly host: string;
  readonly step: string;
}

/** All steps that have run to their end on hosts since a time, in the order of their beginning. */
export async function stepSpans(
  suite: Suite,
  hosts: readonly string[],
  since: number,
): Promise<readonly StepSpan[]> {
  const all = await Promise.all(
    hosts.map(async (host) => {
      const lines = await journal(suite, host, since);
      return lines.flatMap(([begin, text], i): StepSpan[] => {
        const step = /^(\S+): begin$/.exec(text)?.[1];
        const end = lines.slice(i).find(([, later]) => later === `${step}: end`)?.[0];
        return step === undefined || end === undefined ? [] : [{ host, step, begin, end }];
      });
    }),
  );
  return all.flat().sort((a, b) => a.begin - b.begin);
}

/** Pairs of steps that ran at the same time, each as `HOST STEP, HOST STEP`. */
export function overlaps(spans: readonly StepSpan[]): readonly string[] {
  const named = ({ host, step }: StepSpan): string => `${host} ${step}`;
  return spans.flatMap((one, i) =>
    spans
      .slice(i + 1)
      .filter(({ begin }) => begin < one.end)
      .map((other) => `${named(one)}, ${named(other)}`),
  );
}
