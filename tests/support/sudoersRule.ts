import { readFileSync } from "node:fs";
import path from "node:path";

/** The narrow rule of SECURITY.md, as it goes into /etc/sudoers.d, for the user `admin`. @throws where there is none. */
export function documentedSudoersRule(): string {
  const text = readFileSync(path.join(__dirname, "..", "..", "SECURITY.md"), "utf8");
  const rule = /^```sudoers\n([^`]+)^```$/m.exec(text)?.[1];
  if (rule === undefined) throw new Error("SECURITY.md has no rule for sudo");
  return rule;
}

/** The commands that the rule lets run, each with its arguments. */
export function documentedSudoCommands(): readonly string[] {
  const list = /^Cmnd_Alias KUBEADM_HA =([^\\\n]*(?:\\\n[^\\\n]*)*)$/m.exec(
    documentedSudoersRule(),
  );
  return (list?.[1] ?? "")
    .replaceAll("\\\n", "")
    .split(",")
    .map((command) => command.trim());
}
