import { pulumi } from "../../../../lab/pulumi";
import type { Suite } from "./suite";

/** A resource as the state has it. */
export interface StateResource {
  readonly type: string;
  /** Its logical name. */
  readonly name: string;
}

/** The resources of a stack's state, in the order of their types and names. */
export async function exportedState({ lab }: Suite): Promise<readonly StateResource[]> {
  const { stdout } = await pulumi(lab, ["stack", "export"]);
  const { deployment } = JSON.parse(stdout) as {
    deployment: { resources?: { urn: string; type: string }[] };
  };
  return (deployment.resources ?? [])
    .map(({ urn, type }) => ({ type, name: urn.split("::").slice(3).join("::") }))
    .sort((a, b) => `${a.type} ${a.name}`.localeCompare(`${b.type} ${b.name}`));
}

/** The names of all remote Commands in it. */
export async function commandsOf(suite: Suite): Promise<readonly string[]> {
  return (await exportedState(suite)).flatMap(({ type, name }) =>
    type === "command:remote:Command" ? [name] : [],
  );
}
