import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";

import { containerName } from "../../../../lab/hosts/containers";
import type { Suite } from "../suite/suite";

/** What was to be seen in a process list while it was watched. */
export interface Seen {
  /** Each command line once. */
  readonly commands: string;
  /** Each environment once. */
  readonly environments: string;
  /** How often all processes were looked at. */
  readonly sweeps: number;
}

/** Something that watches a process list until it is stopped, or for an hour. */
export interface ProcessWatch {
  /** Ends it; once more it only tells again. @throws Error with what the watch said when it has failed. */
  stop(): Promise<Seen>;
}

/** Seconds: longer than any story takes. */
const longest = "3600";

/** Milliseconds that a watch may take to end. */
const patience = 20_000;

const program = readFileSync(path.join(__dirname, "processWatch.pl"), "utf8");

/** Watches the process list of a host, as `ps` shows it there, ten times a second. */
export function watchHost(suite: Suite, host: string): ProcessWatch {
  const container = containerName(suite.lab.stack, host);
  return watch("podman", ["exec", "--interactive", container, "perl", "-e", program, longest]);
}

/** Watches the processes of this machine, where Pulumi runs; those of the lab's hosts are not among them. */
export function watchThisMachine(): ProcessWatch {
  return watch("perl", ["-e", program, longest]);
}

/** The end of its input ends it: also when this process is killed. */
function watch(command: string, args: readonly string[]): ProcessWatch {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"] });
  const told = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (told.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (told.stderr += text));
  child.stdin.on("error", () => undefined);
  const ended = new Promise<void>((resolve, reject) => {
    child.on("error", reject).on("close", () => resolve());
  });
  let seen: Promise<Seen> | undefined;
  return {
    stop: () => (seen ??= end()),
  };

  async function end(): Promise<Seen> {
    child.stdin.end();
    // podman waits for ever where the container has gone.
    const late = setTimeout(() => child.kill("SIGKILL"), patience);
    await ended.finally(() => clearTimeout(late));
    const lines = told.stdout.split("\n").map((line) => line.split("\t"));
    const all = (kind: string): string =>
      lines.flatMap(([of, text = ""]) => (of === kind ? [text] : [])).join("\n");
    const sweeps = Number(all("sweeps"));
    if (!(sweeps > 0)) throw new Error(`${command}: the process watch has failed: ${told.stderr}`);
    return { commands: all("cmdline"), environments: all("environ"), sweeps };
  }
}
