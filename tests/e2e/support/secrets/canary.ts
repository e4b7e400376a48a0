import { spawn } from "node:child_process";
import { generateKeyPairSync, randomBytes } from "node:crypto";

import { Secrets } from "./secretScan";
import type { Suite } from "../suite/suite";

/** A key of nobody's, planted where secrets must not be: whoever looks for secrets there has to find it. */
export const canaryKey = generateKeyPairSync("ec", { namedCurve: "P-256" })
  .privateKey.export({ type: "sec1", format: "pem" })
  .toString();

/** A word for a label in the stack file, which Pulumi keeps and shows as it is. */
export const canaryWord = `canary-${randomBytes(8).toString("hex")}`;

/** What betrays the two, under the names "the canary's key" and "the canary's word". */
export const canaries = new Secrets()
  .addKeysIn(canaryKey, "the canary's key")
  .addText(canaryWord, "the canary's word").all;

const inBase64 = Buffer.from(canaryKey).toString("base64");

/** Lets a program run on a host for half a minute that has the key in its command line, or its base64 in its environment. */
export async function plantProcess(
  suite: Suite,
  host: string,
  where: "command line" | "environment",
): Promise<void> {
  const exec = where === "environment" ? 'KEY="$key" exec' : 'exec -a "show $key"';
  await suite.outputOf(
    host,
    `key=$(cat); (${exec} sleep 30) </dev/null >/dev/null 2>&1 &`,
    where === "environment" ? inBase64 : canaryKey,
  );
}

/** The same on this machine, until it is ended. */
export function plantProcessHere(): { end(): void } {
  const env = { ...process.env, KEY: inBase64 };
  const child = spawn("sleep", ["3600"], { argv0: `show ${canaryKey}`, env, stdio: "ignore" });
  return { end: () => void child.kill() };
}

/** Writes the key into a host's journal, as lines or as base64 in one. */
export async function plantInJournal(
  suite: Suite,
  host: string,
  form: "PEM" | "base64",
): Promise<void> {
  await suite.outputOf(host, "logger -t canary", form === "PEM" ? canaryKey : inBase64);
}

/** Writes the key into a file of a host; one that is there is added to. */
export async function plantFile(
  suite: Suite,
  host: string,
  file: string,
  mode: string,
  owner = "root",
): Promise<void> {
  const command = `cat >> ${file} && chmod ${mode} ${file} && chown ${owner} ${file}`;
  await suite.outputOf(host, command, canaryKey);
}
