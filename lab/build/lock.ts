import { spawn } from "node:child_process";
import { once } from "node:events";

import { Failure } from "../failure";

/**
 * Runs work while this process alone holds a lock. The kernel keeps the lock (flock), by way of a small child that lives
 * until its standard input closes: however this process ends, the lock is free again at once, and there is nothing to
 * clean up or to take over by hand.
 *
 * @param file the lock's file; it is made, and stays.
 * @param onWait called once when another process holds the lock; the lock is then waited for, as long as its holder lives.
 */
export async function withLock<T>(
  file: string,
  onWait: () => void,
  work: () => Promise<T>,
): Promise<T> {
  const release = (await take(file, ["--nonblock"])) ?? (onWait(), await take(file, []));
  if (release === undefined) throw new Failure(`${file}: the lock cannot be had`);
  try {
    return await work();
  } finally {
    await release();
  }
}

/** The exit status by which flock tells that another process holds the lock. */
const busy = 75;

/** Takes the lock and gives the function that releases it, or undefined when `--nonblock` met another holder. */
async function take(
  file: string,
  options: readonly string[],
): Promise<(() => Promise<void>) | undefined> {
  // Detached: a Ctrl-C in the terminal must not free the lock before this process has stopped its work.
  const holder = spawn(
    "flock",
    [...options, "--conflict-exit-code", `${busy}`, file, "sh", "-c", "echo held; exec cat"],
    { stdio: ["pipe", "pipe", "pipe"], detached: true },
  );
  let errors = "";
  holder.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
  const exit = new Promise<number>((resolve, reject) => {
    holder.on("error", (error) => reject(new Failure(`flock cannot be started: ${error.message}`)));
    holder.on("exit", (status) => resolve(status ?? 128));
  });
  const first = await Promise.race([once(holder.stdout, "data").then(() => "held" as const), exit]);
  if (first === "held") {
    return async () => {
      holder.stdin.end();
      await exit;
    };
  }
  if (first === busy) return undefined;
  throw new Failure(`${file}: the lock cannot be had: ${errors.trim()}`);
}
