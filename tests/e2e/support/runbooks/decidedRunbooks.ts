import { readFileSync } from "node:fs";
import path from "node:path";

import { checkout } from "../../../../lab/lab";
import { decisions, shells, type Decision, type Decisions } from "./runbooks";
import { shellBlocks, stackOf, type ShellBlock } from "./shellBlocks";

/** The document whose commands the stories run. */
const operations = "docs/operations.md";

/** A command with what is decided about it. */
export interface DecidedCommand {
  readonly text: string;
  readonly decision: Decision;
}

/** A block of the document, ready to be run. */
export interface Runbook {
  readonly heading: string;
  /** The line of the document that it begins in. */
  readonly line: number;
  /** The committed stack that it is about, such as `dev`. */
  readonly stack: string;
  /** What opens the shell that its commands are typed into; the first of it runs here. Empty: they all run here. */
  readonly shell: readonly string[];
  /** Shell functions that blocks above it, below the same heading, define for it. Default: none. */
  readonly functions?: readonly string[];
  readonly commands: readonly DecidedCommand[];
}

/** The runbooks of docs/operations.md, in its order. */
export function runbooks(): readonly Runbook[] {
  const text = readFileSync(path.join(checkout, operations), "utf8");
  return decide(shellBlocks(text), decisions, shells);
}

/**
 * Puts commands and decisions together.
 *
 * @throws where a command has no decision, a decision no command, or a block is about several stacks.
 */
export function decide(
  blocks: readonly ShellBlock[],
  decided: Decisions,
  typedInto: Readonly<Record<string, string>>,
): readonly Runbook[] {
  const left = new Map(Object.entries(decided).map(([heading, list]) => [heading, [...list]]));
  const openers = new Map<string, readonly string[]>();
  const defined = new Map<string, readonly string[]>();
  const made = blocks.map(({ heading, line, commands }): Runbook => {
    const all = commands.map((text): DecidedCommand => {
      const [part, decision] = left.get(heading)?.shift() ?? [];
      if (part === undefined || decision === undefined || !text.includes(part)) {
        const next = part === undefined ? "nothing" : `"${part}"`;
        throw new Error(
          `${operations}, line ${line}, "${heading}": nothing is decided about\n${text}\nnext in the list is ${next}`,
        );
      }
      return { text, decision };
    });
    const own = openerOf(commands);
    if (own.length > 0) openers.set(heading, own);
    const shell = own.length > 0 ? own : shellFor(heading, typedInto, openers);
    const inside = all.slice(own.length);
    const stacks = new Set((shell.length > 0 ? shell.slice(0, 1) : commands).map(stackOf));
    const [stack = "dev", ...others] = stacks;
    if (others.length > 0) throw new Error(`line ${line}: a block about several stacks`);
    const functions = defined.get(heading) ?? [];
    defined.set(heading, [...functions, ...commands.filter(isFunction)]);
    return {
      ...{ heading, line, stack, shell, commands: inside },
      ...(functions.length > 0 && { functions }),
    };
  });
  const stale = [...left].flatMap(([heading, list]) =>
    list.map(([part]) => `"${heading}": ${part}`),
  );
  if (stale.length > 0) throw new Error(`decided, but not in ${operations}:\n${stale.join("\n")}`);
  return made;
}

/** Whether a command of a document only defines a function of the shell, for the commands after it. */
export function isFunction(command: string): boolean {
  return /^\w+\(\) \{\n/.test(command);
}

/** What a block begins with when it opens a shell on a host: the login, root's shell, and variables. */
function openerOf(commands: readonly string[]): readonly string[] {
  const [login = "", ...rest] = commands;
  if (!/^npm run lab -- ssh( --stack \S+)? \S+$/.test(login)) return [];
  const first = rest.findIndex((text) => !/^(sudo -i$|export )/.test(text));
  return [login, ...rest.slice(0, first < 0 ? rest.length : first)];
}

function shellFor(
  heading: string,
  typedInto: Readonly<Record<string, string>>,
  openers: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  const other = typedInto[heading];
  if (other === undefined) return [];
  const found = openers.get(other);
  if (found === undefined) throw new Error(`no block below "${other}" opens a shell`);
  return found;
}
