import type { Background } from "../process";

/** How one artefact of the lab is built: its name, everything that its result depends on, and the steps. */
export interface Recipe {
  /** Unique; lower case, as it is part of a directory's name and of lines that the user sees. */
  readonly name: string;
  /**
   * Files and folders, relative to lab/, whose names and contents the result depends on: sources, go.mod and go.sum, and the
   * recipe's own TypeScript file.
   */
  readonly inputs: readonly string[];
  /** What else the result depends on, such as versions. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Recipes whose results this one uses. A change in one of them builds this one anew too. */
  readonly needs?: readonly Recipe[];
  /** How long a cold build takes on two cores, in seconds: told beside the elapsed time. Default: not told. */
  readonly usual?: number;
  /** Fills `context.out`. It may be called again after any failure or interruption, with an empty folder. */
  build(context: BuildContext): Promise<void>;
}

/** What a recipe's steps work with. */
export interface BuildContext {
  /** An empty folder to fill. It becomes the cache's entry when `build` has ended well, under another path. */
  readonly out: string;
  /** An empty folder for what is needed on the way only. It is removed afterwards. */
  readonly scratch: string;
  /** The absolute path of lab/. Sources are read there, never written. */
  readonly lab: string;
  /** The finished folder of a recipe in `needs`. */
  of(recipe: Recipe): string;
  /**
   * Runs a program; its output goes to the entry's log, and lines that name what is being compiled (`go build -v`) are
   * counted for the progress shown. Rejects with the last lines of output when it fails. No time limit: a build may be slow.
   */
  run(command: string, args: readonly string[], options?: BuildRunOptions): Promise<void>;
  /** Runs a program and gives its standard output without the last line break; otherwise as `run`. */
  capture(command: string, args: readonly string[], options?: BuildRunOptions): Promise<string>;
  /** Starts a program that goes on until it is stopped, such as a server. Stop it before `build` ends. */
  start(command: string, args: readonly string[], options?: BuildRunOptions): Background;
}

/** How a build's program is run. */
export interface BuildRunOptions {
  /** Default: `context.out`. */
  readonly cwd?: string;
  /** Variables added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Standard input. Default: nothing. */
  readonly input?: string;
}

export { ensure } from "./ensure";
