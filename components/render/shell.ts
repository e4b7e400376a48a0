/** A value as one single-quoted word of a POSIX shell. NUL cannot be part of a shell word and is refused. */
export function shellQuote(value: string): string {
  if (value.includes("\0")) throw new Error("a shell word cannot contain a NUL character");
  return `'${value.replaceAll("'", `'\\''`)}'`;
}

/**
 * Parameters of a script as shell assignments, one a line, in the order given; multi-line values stay readable, so that
 * `pulumi preview --diff` shows the very lines that change on a host.
 */
export function assignments(parameters: Readonly<Record<string, string>>): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${name}=${shellQuote(value)}\n`)
    .join("");
}
