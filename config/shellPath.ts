/**
 * A path as one word of a POSIX shell's command that a message shows: in quotes where it needs them, a leading `~/` being
 * left to the shell.
 */
export function shellPath(path: string): string {
  const home = path.startsWith("~/") ? "~/" : "";
  const rest = path.slice(home.length);
  if (/^[A-Za-z0-9_./~-]*$/.test(rest) && (home !== "" || !rest.startsWith("~"))) return path;
  return `${home}'${rest.replaceAll("'", `'\\''`)}'`;
}
