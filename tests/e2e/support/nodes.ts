import type { Suite } from "./suite";

/** What the stories look at in a Node. */
export interface NodeView {
  readonly name: string;
  readonly uid: string;
  readonly ready: boolean;
  readonly version: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** The cluster's Nodes by name. @param on the control plane that is asked. */
export async function nodes(suite: Suite, on = "cp1"): Promise<ReadonlyMap<string, NodeView>> {
  interface NodeList {
    items: {
      metadata: { name: string; uid: string; labels: Record<string, string> };
      status: {
        conditions: { type: string; status: string }[];
        nodeInfo: { kubeletVersion: string };
      };
    }[];
  }
  const { items } = JSON.parse(await suite.kubectl("get nodes -o json", { on })) as NodeList;
  return new Map(
    items.map(({ metadata, status }) => [
      metadata.name,
      {
        name: metadata.name,
        uid: metadata.uid,
        labels: metadata.labels,
        version: status.nodeInfo.kubeletVersion,
        ready: status.conditions.some((c) => c.type === "Ready" && c.status === "True"),
      },
    ]),
  );
}
