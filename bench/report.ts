import { table } from "../lab/output";

/** How far a measurement may go: what the project promises, and what it aims for. */
export interface Goal {
  readonly most: number;
  readonly aim?: number;
}

/** One line of a part's table. */
export interface Measurement {
  readonly what: string;
  readonly value: number;
  /** "s", "×", "KB" …; empty for a count. */
  readonly unit: string;
  /** How it came about, such as the single runs. */
  readonly from?: string;
  readonly goal?: Goal;
}

/** What a part of the benchmark has found. */
export interface PartResult {
  readonly measurements: readonly Measurement[];
  /** Further text for the document, in Markdown. */
  readonly remarks?: string;
}

/** "1.23 ×", "84.2 s", "1024 MB". */
export function amount({ value, unit }: Pick<Measurement, "value" | "unit">): string {
  const digits = unit === "×" ? 2 : Math.abs(value) >= 100 || unit === "" ? 0 : 1;
  return `${value.toFixed(digits)}${unit === "" ? "" : ` ${unit}`}`;
}

/** "met, the aim too", "met", "missed"; nothing where there is no goal. */
export function verdict({ value, goal }: Measurement): string {
  if (goal === undefined) return "";
  if (value > goal.most) return "missed";
  if (goal.aim === undefined) return "met";
  return value <= goal.aim ? "met, the aim too" : "met";
}

function goalText({ goal, unit }: Measurement): string {
  if (goal === undefined) return "";
  const most = `at most ${goal.most} ${unit}`;
  return goal.aim === undefined ? most : `${most}, aim ${goal.aim} ${unit}`;
}

const heading = ["what", "measured", "goal", "", "from"] as const;

function rows(result: PartResult): string[][] {
  return result.measurements.map((one) => [
    one.what,
    amount(one),
    goalText(one),
    verdict(one),
    one.from ?? "",
  ]);
}

/** A part's table as plain text. */
export function plainTable(result: PartResult): string {
  return table([heading, ...rows(result)]);
}

/** A part's table in Markdown, in columns as prettier would have them. */
export function markdownTable(result: PartResult): string {
  const all = [[...heading], ...rows(result)].map((row) =>
    row.map((cell) => cell.replaceAll("|", "\\|")),
  );
  const widths = heading.map((_, i) => Math.max(3, ...all.map((row) => row[i]?.length ?? 0)));
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |\n`;
  const padded = all.map((row) => line(row.map((cell, i) => cell.padEnd(widths[i] ?? 0))));
  const rule = line(widths.map((width) => "-".repeat(width)));
  return [padded[0], rule, ...padded.slice(1)].join("");
}
