import { spawnSync } from "node:child_process";

const known = new Map<string, string>();

/** The shell text that a packed program would run: the host's own programs unpack it, and it is printed instead of run. */
export function unpacked(program: string): string {
  const text = known.get(program) ?? print(program);
  known.set(program, text);
  return text;
}

function print(program: string): string {
  const begin = "program=$(";
  if (!program.startsWith(begin)) throw new Error(`not packed: ${program.slice(0, 60)}`);
  const input = `set -o pipefail\n${program.slice(begin.length).replace(/\) \|\| .*\neval "\$program"\nexit\n$/, "")}`;
  const { status, stdout, stderr } = spawnSync("bash", ["-s"], { input, encoding: "utf8" });
  if (status !== 0 || stderr !== "") throw new Error(`cannot be unpacked: ${stderr}`);
  return stdout;
}
