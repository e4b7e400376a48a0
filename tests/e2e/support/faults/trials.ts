import { nodes } from "../cluster/nodes";
import type { Suite } from "../suite/suite";
import { startWriter, type Writer } from "../writes/writer";
import { gapIn, summary, type Trial } from "../writes/writes";

/** Something that fails while a client writes. */
export interface Fault {
  /** How the story's line calls it. */
  readonly name: string;
  /** Makes it fail. @param writer the client, where the fault is to hit what it uses. */
  strike(writer: Writer): Promise<void>;
  /** Brings back what had failed; leave it out where it comes back by itself. */
  mend?(writer: Writer): Promise<void>;
  /** Prepares hosts before the client of a trial begins, and takes that back when it has ended; where they need it. */
  around?(trial: () => Promise<Trial>): Promise<Trial>;
}

/** How a fault is tried. */
export interface TrialOptions {
  /** How often. Default: once. */
  readonly trials?: number;
  /** The host that the client runs on; it has to be out of what fails. Default: `w1`. */
  readonly writerOn?: string;
}

/**
 * Lets a fault happen while a client on a worker writes, and prints the worst gap. Each time everything has to be whole
 * again, without Pulumi.
 *
 * @param whole throws until the cluster is as it was.
 */
export async function tryFault(
  suite: Suite,
  fault: Fault,
  whole: () => Promise<void>,
  { trials: count = 1, writerOn = "w1" }: TrialOptions = {},
): Promise<readonly Trial[]> {
  const trials: Trial[] = [];
  const once = (): Promise<Trial> => tryOnce(suite, fault, whole, writerOn);
  for (let i = 0; i < count; i++) trials.push(await (fault.around?.(once) ?? once()));
  console.log(summary(fault.name, trials));
  return trials;
}

async function tryOnce(
  suite: Suite,
  fault: Fault,
  whole: () => Promise<void>,
  on: string,
): Promise<Trial> {
  await whole();
  const writer = await startWriter(suite, { on });
  const struck = Date.now();
  try {
    await fault.strike(writer);
    // Five seconds of successes: what is noticed late, such as a failed check, is then behind us.
    await writer.steady(Date.now(), 50);
  } catch (error) {
    // What the cluster did not bear is not left to the next story.
    await fault.mend?.(writer).catch(() => undefined);
    throw error;
  }
  const mended = Date.now();
  await fault.mend?.(writer);
  await whole();
  await writer.steady(Date.now());
  // Reading back takes its time, in which nothing is written.
  const over = Date.now();
  const report = await writer.stop();
  const gap = gapIn(report.writes, { from: struck, to: fault.mend ? mended : over });
  if (fault.mend === undefined) return { report, gap };
  return { report, gap, gapAtReturn: gapIn(report.writes, { from: mended }) };
}

/** Seconds that the gap of a fault may have at most in a story; what is aimed at stands in the documents. */
const bound = 10;

/**
 * The same as {@link tryFault}, for stories: no acknowledged write is lost, many were, and the gap is bounded.
 *
 * @param options.gap seconds, where there is a reason for a longer one. Default: 10.
 */
export async function expectSurvival(
  suite: Suite,
  fault: Fault,
  whole: () => Promise<void>,
  { gap: most = bound, ...options }: TrialOptions & { readonly gap?: number } = {},
): Promise<void> {
  for (const { report, gap, gapAtReturn } of await tryFault(suite, fault, whole, options)) {
    expect(report.lost).toEqual([]);
    expect(report.acknowledged).toBeGreaterThan(50);
    expect(gap).toBeLessThan(most);
    expect(gapAtReturn ?? 0).toBeLessThan(most);
  }
}

/**
 * For the end of a story about faults: `pulumi up` finds nothing to do; a change is carried out, and the cluster verified, as
 * if nothing had happened.
 */
export async function expectUsualRuns(suite: Suite, whole: () => Promise<void>): Promise<void> {
  const { stack } = suite.lab;
  const labels = { "example.com/outages": "over" };
  expect((await suite.pulumiUp(["--expect-no-changes"])).changed).toEqual([]);
  // A run without a change contacts no host.
  suite.writeStackFile(({ config }) => {
    Object.assign(config["kubeadm-ha:workers"][0] ?? {}, { labels });
  });
  const { changed } = await suite.pulumiUp(["--replace", `**::${stack}-verify`]);
  expect(changed).toContain(`updated ${stack}-roster`);
  expect(changed.join("\n")).toContain(`${stack}-verify`);
  expect((await nodes(suite)).get("w1")?.labels).toMatchObject(labels);
  suite.writeStackFile();
  await suite.pulumiUp();
  await whole();
}
