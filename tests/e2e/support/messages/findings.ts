/** What a run told of a host that preflight refused: its line, and a line for each finding. @throws where it told nothing. */
export function findingsOf(output: string, host: string): string {
  const begin = output.indexOf(`${host}: not fit for its role, `);
  if (begin < 0) throw new Error(`nothing was told of ${host}:\n${output}`);
  const [head = "", ...rest] = output.slice(begin).split("\n");
  const end = rest.findIndex((line) => !/^\s*- /.test(line));
  return [head, ...rest.slice(0, end)].join("\n");
}
