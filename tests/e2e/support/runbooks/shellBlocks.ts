import { spawnSync } from "node:child_process";

import type { Origin } from "../suite/stackFile";

/** A block of shell commands in a document. */
export interface ShellBlock {
  /** The text of the heading above it. */
  readonly heading: string;
  /** The line of the document that its first command stands in, counted from 1. */
  readonly line: number;
  /** Its commands, each as one would type it: several lines where it has them, without the comment at its end. */
  readonly commands: readonly string[];
}

/** What a document calls shell. Others of its blocks show output, or files. */
const shell = "sh";

/**
 * The blocks of shell commands of a Markdown document, in its order.
 *
 * @throws where a block is called by another name of a shell, which would go unseen, or a command has no end.
 */
export function shellBlocks(markdown: string): readonly ShellBlock[] {
  const blocks: ShellBlock[] = [];
  let heading = "";
  let open: { indent: string; language: string; line: number; lines: string[] } | undefined;
  for (const [i, text] of markdown.split("\n").entries()) {
    const fence = /^( *)```(\w*)$/.exec(text);
    if (open === undefined) {
      heading = /^#+ (.+)$/.exec(text)?.[1] ?? heading;
      if (fence === null) continue;
      const [, indent = "", language = ""] = fence;
      if (/^(bash|shell|console|zsh)$/.test(language)) {
        throw new Error(`line ${i + 1}: a block of ${language}; blocks of commands are "${shell}"`);
      }
      open = { indent, language, line: i + 2, lines: [] };
    } else if (fence === null) {
      open.lines.push(text.startsWith(open.indent) ? text.slice(open.indent.length) : text);
    } else {
      const { language, line, lines } = open;
      if (language === shell) blocks.push({ heading, line, commands: commandsOf(lines, line) });
      open = undefined;
    }
  }
  return blocks;
}

/** Bash itself says where a command ends: quotes and loops may go over several lines. */
function commandsOf(lines: readonly string[], first: number): readonly string[] {
  const commands: string[] = [];
  let begun: string[] = [];
  for (const [i, text] of lines.entries()) {
    if (begun.length === 0 && /^\s*(#|$)/.test(text)) continue;
    begun.push(text);
    const command = begun.join("\n");
    if (text.endsWith("\\") || !isWhole(command)) {
      if (i < lines.length - 1) continue;
      throw new Error(`line ${first + i}: this command has no end:\n${command}`);
    }
    commands.push(withoutComment(command));
    begun = [];
  }
  return commands;
}

/** Where what stands before a `#` is no whole command, the sign is part of a text. */
function withoutComment(command: string): string {
  const short = command.replace(/\s+#\s[^\n]*$/, "");
  return isWhole(short) ? short : command;
}

function isWhole(command: string): boolean {
  return spawnSync("bash", ["-n"], { input: `${command}\n` }).status === 0;
}

/** The lab's words that take the stack as their argument; the others have `--stack`. */
const takesStack = /^(up|reset|down|status)$/;

/** A word of the lab, with its stack where it names one, or a Pulumi of one's own. */
const word =
  /npm run lab -- (?<word>[a-z-]+)(?: --stack (?<named>[a-z-]+))?|(?<=^|[;&(] ?)(?<own>pulumi) /g;

/** The stack that a command of the documents is about: `dev`, unless it names one. @throws where there are several. */
export function stackOf(command: string): string {
  const stacks = [...command.matchAll(word)].map(({ groups }) => groups?.["named"] ?? "dev");
  const [stack = "dev", ...others] = new Set(stacks);
  if (others.length > 0) throw new Error(`about several stacks: ${command}`);
  return stack;
}

/**
 * A command of the documents for a stack of the stories: with its name, its addresses, and `npm run lab -- pulumi` for a
 * Pulumi of one's own.
 */
export function onStack(command: string, { stack, network }: Origin): string {
  return command
    .replace(word, (...found) => {
      const { word: lab, own } = found.at(-1) as { readonly word?: string; readonly own?: string };
      if (own !== undefined) return `npm run lab -- pulumi --stack ${stack} `;
      if (lab === undefined) throw new Error(`no word of the lab: ${command}`);
      return `npm run lab -- ${lab} ${takesStack.test(lab) ? "" : "--stack "}${stack}`;
    })
    .replaceAll(`${network[0]}.`, `${network[1]}.`);
}

/** What such a command printed, with the addresses of the documents. */
export function asDocumented(output: string, { network }: Origin): string {
  return output.replaceAll(`${network[1]}.`, `${network[0]}.`);
}
