/**
 * A shell script without what only its readers need: comments, blank lines and indentation. The state holds it
 * twice for every host, and every host keeps it. What stands in quotes and here-documents stays as it is.
 *
 * It knows as much of the shell's grammar as the scripts of this project use; a test has bash compare both for each of them.
 */
export function condensed(script: string): string {
  const kept: string[] = [];
  const open: Context[] = [];
  let hereDocumentEnd: string | undefined;
  for (const line of script.split("\n")) {
    if (hereDocumentEnd !== undefined) {
      kept.push(line);
      if (line === hereDocumentEnd) hereDocumentEnd = undefined;
      continue;
    }
    const isCode = inCode(open);
    if (isCode && /^[ \t]*(#(?!!).*)?$/.test(line)) continue;
    const text = isCode ? line.trimStart() : line;
    kept.push(text);
    follow(text, open);
    if (inCode(open)) hereDocumentEnd = /(?<!<)<<'?([A-Z_]+)'?/.exec(text)?.[1];
  }
  return kept.map((line) => `${line}\n`).join("");
}

/** What the text stands in: a kind of quotes, or parentheses with code in them, such as a command substitution. */
type Context = "'" | '"' | "$'" | "(";

const inCode = (open: readonly Context[]): boolean => [undefined, "("].includes(open.at(-1));

/** Keeps account of what a line opens and closes. */
function follow(line: string, open: Context[]): void {
  for (let i = 0; i < line.length; i++) {
    const [context, two] = [open.at(-1), line.slice(i, i + 2)];
    const one = two.charAt(0);
    if (context === "'") {
      if (one === "'") open.pop();
    } else if (one === "\\") {
      i += 1;
    } else if (context === "$'") {
      if (one === "'") open.pop();
    } else if (one === '"') {
      if (context === '"') open.pop();
      else open.push('"');
    } else if (two === "$(") {
      open.push("(");
      i += 1;
    } else if (context !== '"') {
      if (one === "#" && /(^|\s)$/.test(line.slice(0, i))) return;
      if (two === "$'") open.push("$'");
      else if (one === "'" || one === "(") open.push(one);
      else if (one === ")" && context === "(") open.pop();
      if (two === "$'") i += 1;
    }
  }
}
