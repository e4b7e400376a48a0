import { spawn, type ChildProcess } from "node:child_process";
import { createWriteStream } from "node:fs";
import { createInterface } from "node:readline";

import { Failure } from "./failure";

/** How a program is run. */
export interface RunOptions {
  /** Where it runs. Default: where this process runs. */
  readonly cwd?: string;
  /** Variables added to this process' environment; undefined takes one away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** What it reads on standard input. Default: nothing (end of file at once). */
  readonly input?: string;
  /** Seconds after which it is ended. Default: 600. */
  readonly timeout?: number;
  /** Ends it early; the promise is then rejected with a {@link Failure}. */
  readonly signal?: AbortSignal;
  /** A file that all its output is appended to. The output is then not kept in memory, but for its last lines. */
  readonly log?: string;
  /** Receives each line of either output as it comes. */
  readonly onLine?: (line: string) => void;
}

/** How a program ended, and what it wrote. */
export interface Result {
  /** Its exit status; 128 and the signal's number when a signal ended it is not told apart: then it is 128. */
  readonly code: number;
  /** Standard output, whole; empty with a log. */
  readonly stdout: string;
  /** Standard error, whole; empty with a log. */
  readonly stderr: string;
  /** The last lines of both outputs. */
  readonly tail: string;
}

/** A program that ended badly. The message names it, its status and its last lines. */
export class CommandFailure extends Failure {
  constructor(
    message: string,
    /** How it ended. */
    readonly result: Result,
  ) {
    super(message);
  }
}

/** Programs under way: they are ended when a signal ends this process, so that no build goes on unseen. */
const running = new Set<ChildProcess>();
const fatalSignals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

function endWithChildren(signal: NodeJS.Signals): void {
  for (const child of running) endGroup(child, "SIGTERM");
  for (const one of fatalSignals) process.removeListener(one, endWithChildren);
  process.kill(process.pid, signal);
}

/** Ends a program and all that it has started: each is a process group of its own. */
function endGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // It has ended meanwhile.
  }
}

function track(child: ChildProcess): () => void {
  if (running.size === 0) for (const one of fatalSignals) process.on(one, endWithChildren);
  running.add(child);
  return () => {
    running.delete(child);
    if (running.size === 0)
      for (const one of fatalSignals) process.removeListener(one, endWithChildren);
  };
}

/** How many last lines of output a failure shows. */
const tailLines = 15;

/** How long after a program's end its output may still come: a daemon that it left behind can hold the pipe open. */
const drain = 500;

/**
 * Runs a program (never through a shell) and waits for its end, whatever its exit status.
 *
 * @throws Failure when it cannot be started, takes longer than its timeout, or is ended by `options.signal`.
 */
export async function attempt(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Result> {
  const { timeout = 600, signal, log, onLine } = options;
  if (signal?.aborted === true) throw new Failure(`${command} was not started: the work was ended`);
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
  });
  const untrack = track(child);
  const file = log === undefined ? undefined : createWriteStream(log, { flags: "a" });
  const kept = { stdout: "", stderr: "" };
  const tail: string[] = [];
  file?.write(`$ ${[command, ...args].join(" ")}\n`);
  for (const name of ["stdout", "stderr"] as const) {
    const stream = child[name];
    if (file === undefined) stream.setEncoding("utf8").on("data", (t: string) => (kept[name] += t));
    else stream.on("data", (bytes: Buffer) => file.write(bytes));
    createInterface({ input: stream }).on("line", (line) => {
      tail.push(line);
      if (tail.length > tailLines) tail.shift();
      onLine?.(line);
    });
  }
  // A program may end without reading its input: that is not this function's failure.
  child.stdin.on("error", () => undefined).end(options.input ?? "");

  let ended: string | undefined;
  const end = (why: string): void => {
    ended ??= why;
    endGroup(child, "SIGTERM");
    setTimeout(() => endGroup(child, "SIGKILL"), 5000).unref();
  };
  const timer = setTimeout(
    () => end(`did not end within ${timeout} s and was stopped`),
    timeout * 1000,
  );
  const abort = (): void => end("was stopped");
  signal?.addEventListener("abort", abort);
  try {
    const code = await new Promise<number>((resolve, reject) => {
      child.on("error", (error: NodeJS.ErrnoException) =>
        reject(new Failure(cannotStart(command, error, options.cwd))),
      );
      child.on("exit", (status) => {
        const done = (): void => resolve(status ?? 128);
        // What is in the pipe by then is read first: this process may have been too busy to look.
        const late = setTimeout(() => setImmediate(done), drain);
        child.on("close", () => {
          clearTimeout(late);
          done();
        });
      });
    });
    child.stdout.destroy();
    child.stderr.destroy();
    const result = { code, ...kept, tail: tail.join("\n") };
    if (ended !== undefined) {
      throw new CommandFailure(describe(command, args, ended, result.tail, log), result);
    }
    return result;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
    untrack();
    if (file !== undefined) await new Promise<void>((resolve) => file.end(resolve));
  }
}

/**
 * Runs a program that has to succeed.
 *
 * @throws CommandFailure with the program's last lines of output when its exit status is not 0.
 */
export async function run(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Result> {
  const result = await attempt(command, args, options);
  if (result.code === 0) return result;
  const text = describe(
    command,
    args,
    `failed with status ${result.code}`,
    result.tail,
    options.log,
  );
  throw new CommandFailure(text, result);
}

/** Runs a program that has to succeed, and gives its standard output without the last line break. */
export async function capture(
  command: string,
  args: readonly string[],
  options: Omit<RunOptions, "log"> = {},
): Promise<string> {
  return (await run(command, args, options)).stdout.replace(/\n$/, "");
}

/** A program that was started to go on beside this one. */
export interface Background {
  /** Settles when the program has ended: the text tells how. It never rejects. */
  readonly ended: Promise<string>;
  /** Ends the program and waits for its end. */
  stop(): Promise<void>;
}

/**
 * Starts a program that goes on until it is stopped. It ends with this process.
 *
 * @param options input and timeout have no meaning here.
 */
export function start(
  command: string,
  args: readonly string[],
  options: Omit<RunOptions, "input" | "timeout"> = {},
): Background {
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  options.signal?.addEventListener("abort", stop);
  const ended = attempt(command, args, { ...options, timeout: day, signal: controller.signal })
    .then((result) => describe(command, args, `ended with status ${result.code}`, result.tail))
    .catch((error: unknown) => (error instanceof Error ? error.message : String(error)))
    .finally(() => options.signal?.removeEventListener("abort", stop));
  return {
    ended,
    async stop() {
      stop();
      await ended;
    },
  };
}

/** Seconds: for what has no time limit of its own. */
export const day = 24 * 3600;

/**
 * Runs a program that talks with the user itself: it has this process' terminal, and Ctrl-C is its own to answer.
 *
 * @returns its exit status; 128 when a signal ended it.
 */
export async function attached(
  command: string,
  args: readonly string[],
  options: Pick<RunOptions, "cwd" | "env"> = {},
): Promise<number> {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: "inherit",
  });
  const ignore = (): void => undefined;
  const forward = (signal: NodeJS.Signals): void => void child.kill(signal);
  process.on("SIGINT", ignore).on("SIGTERM", forward).on("SIGHUP", forward);
  try {
    return await new Promise<number>((resolve, reject) => {
      child.on("error", (error: NodeJS.ErrnoException) =>
        reject(new Failure(cannotStart(command, error, options.cwd))),
      );
      child.on("close", (status) => resolve(status ?? 128));
    });
  } finally {
    process
      .removeListener("SIGINT", ignore)
      .removeListener("SIGTERM", forward)
      .removeListener("SIGHUP", forward);
  }
}

function cannotStart(command: string, error: NodeJS.ErrnoException, cwd?: string): string {
  const where = cwd === undefined ? "" : ` in ${cwd}`;
  if (error.code === "ENOENT") return `${command}: no such program${where}`;
  return `${command} cannot be started${where}: ${error.message}`;
}

/** "podman run …: failed with status 125", then the last lines. Arguments beyond the first two are left out. */
function describe(
  command: string,
  args: readonly string[],
  what: string,
  tail: string,
  log?: string,
): string {
  const named = [command, ...args.slice(0, 2)].join(" ") + (args.length > 2 ? " …" : "");
  const last = tail.trim() === "" ? "" : `:\n${tail.replace(/^/gm, "    ")}`;
  return `${named} ${what}${last}${log === undefined ? "" : `\n  (all of its output: ${log})`}`;
}
