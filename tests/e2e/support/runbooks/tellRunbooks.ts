import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";

import { checkout } from "../../../../lab/lab";
import { attempt } from "../../../../lab/process";
import { isFunction, runbooks, type DecidedCommand, type Runbook } from "./decidedRunbooks";
import { eventually } from "../eventually";
import type { Expectation } from "./runbooks";
import { asDocumented, onStack } from "./shellBlocks";
import type { Suite } from "../suite/suite";

/** What a story does around the blocks below a heading: what the document says in words, and what is left behind. */
export interface Around {
  before?(runbook: Runbook): unknown;
  after?(runbook: Runbook, printed: string): unknown;
}

/** How a suite's runbooks are told. */
export interface RunbookOptions {
  /** By heading. One that no block of the suite's stack stands below is an error. */
  readonly around?: Readonly<Record<string, Around>>;
  /** Throws until the cluster is as it was; called after each block. */
  readonly whole: () => Promise<unknown>;
}

/** Seconds that one command may take. */
const patience = 600;

/** The home directory of whoever follows the runbooks, with nothing in it. */
export const home = mkdtempSync(path.join(os.tmpdir(), "kubeadm-ha-runbooks-"));

/** Runs every block of docs/operations.md that is about the committed stack that the suite's is a copy of. */
export function tellRunbooks(suite: Suite, { around = {}, whole }: RunbookOptions): void {
  const own = runbooks().filter(({ stack }) => stack === suite.origin.from);
  const unknown = Object.keys(around).filter(
    (name) => !own.some(({ heading }) => heading === name),
  );
  if (unknown.length > 0) throw new Error(`no runbook stands below ${unknown.join(", ")}`);

  afterAll(() => rmSync(home, { recursive: true, force: true }));

  describe("docs/operations.md", () => {
    for (const runbook of own) {
      const commands = runbook.commands.filter(isRun);
      if (commands.length === 0) continue;
      const { heading, line } = runbook;
      const [first = ""] = commands[0]?.text.split("\n") ?? [];
      it(`${heading}, line ${line}: ${first}`, async () => {
        await around[heading]?.before?.(runbook);
        try {
          const printed = await follow(suite, runbook);
          await around[heading]?.after?.(runbook, printed);
        } catch (error) {
          // The next block is to find a whole cluster.
          await whole().catch(() => undefined);
          throw error;
        }
        await whole();
      });
    }
  });
}

/**
 * Runs the commands of one runbook, for the suite's stack.
 *
 * @returns what they printed, with the addresses of the document.
 * @throws where one of them does not show what is decided about it.
 */
export function follow(suite: Suite, runbook: Runbook): Promise<string> {
  const by = runbook.shell.length > 0 ? typeInto : runHere;
  return by(suite, runbook, runbook.commands.filter(isRun));
}

/** A command that is run. */
interface RunCommand extends DecidedCommand {
  readonly decision: Expectation;
}

function isRun(command: DecidedCommand): command is RunCommand {
  return !("skipped" in command.decision);
}

/** Runs a command of the document on this machine, for the suite's stack. @returns both its outputs. */
export async function runDocumented(
  suite: Suite,
  command: string,
  input = "",
): Promise<{ readonly code: number; readonly printed: string }> {
  const own = onStack(command, suite.origin).replaceAll("~/", `${home}/`);
  const result = await attempt("bash", ["-o", "pipefail", "-c", own], {
    cwd: checkout,
    // Without npm's own lines, and without a question from Pulumi.
    env: { npm_config_loglevel: "silent", PULUMI_SKIP_CONFIRMATIONS: "true" },
    input,
    timeout: patience,
  });
  return { code: result.code, printed: asDocumented(result.stdout + result.stderr, suite.origin) };
}

/** One command after the other, as they stand there, each in a shell of its own that knows the functions before it. */
async function runHere(
  suite: Suite,
  { line, functions = [] }: Runbook,
  commands: readonly RunCommand[],
): Promise<string> {
  const known = [...functions, ...commands.map(({ text }) => text).filter(isFunction)];
  const run = (text: string): ReturnType<typeof runDocumented> =>
    runDocumented(suite, [...known, text].join("\n"));
  const printed: string[] = [];
  for (const [i, { text, decision }] of commands.entries()) {
    try {
      printed.push(
        await eventually(decision.within ?? 0, async () => {
          const result = await run(text);
          check(`line ${line}: ${text}`, decision, result);
          return result.printed;
        }),
      );
    } catch (error) {
      // What follows takes back what has been done.
      for (const { text: next } of commands.slice(i + 1)) {
        await run(next).catch(() => undefined);
      }
      throw error;
    }
  }
  return printed.join("");
}

/** All of them into one shell on a host, which ends at the first that fails. */
async function typeInto(
  suite: Suite,
  { line, shell }: Runbook,
  commands: readonly RunCommand[],
): Promise<string> {
  const [login = "", ...opened] = shell;
  const mark = (i: number): string => `@command ${i}`;
  const typed = [
    // Where root's shell ends early, the one around it is not to go on with what is left.
    "set -e",
    ...opened.filter((text) => text === "sudo -i"),
    "exec 2>&1; set -e -o pipefail",
    ...opened.filter((text) => text !== "sudo -i"),
    ...commands.flatMap(({ text }, i) => [`echo; echo '${mark(i)}'`, text]),
  ].map((text) => onStack(text, suite.origin));
  const { code, printed } = await runDocumented(suite, login, `${typed.join("\n")}\n`);
  const begun = commands.filter((_, i) => printed.includes(`\n${mark(i)}\n`)).length;
  for (const [i, { text, decision }] of commands.entries()) {
    const where = `line ${line}, in the shell of ${login}: ${text}`;
    if (i >= begun) throw new Error(`${where}\nwas not reached; status ${code}:\n${printed}`);
    const own = printed.split(`\n${mark(i)}\n`)[1]?.split(`\n${mark(i + 1)}\n`)[0] ?? "";
    check(where, decision, { code: i === begun - 1 ? code : 0, printed: own });
  }
  return printed;
}

function check(
  where: string,
  { sees = [], fails = false }: Expectation,
  { code, printed }: { readonly code: number; readonly printed: string },
): void {
  const wrong = [
    ...((code !== 0) === fails ? [] : [`ended with ${code}`]),
    ...sees
      .filter((pattern) => !pattern.test(printed))
      .map((pattern) => `does not show ${pattern}`),
  ];
  if (wrong.length > 0) throw new Error(`${where}\n${wrong.join("\n")}\nIt printed:\n${printed}`);
}
