import type { Suite } from "../suite/suite";

/** What the stories look at in a Node. */
export interface NodeView {
  readonly name: string;
  readonly uid: string;
  readonly ready: boolean;
  /** When its kubelet last told whether it is Ready, to the second; milliseconds since 1970. */
  readonly heartbeat: number;
  readonly version: string;
  readonly labels: Readonly<Record<string, string>>;
}

interface Node {
  metadata: { name: string; uid: string; labels: Record<string, string> };
  status: {
    conditions: { type: string; status: string; lastHeartbeatTime: string | null }[];
    nodeInfo: { kubeletVersion: string };
  };
}

/** The cluster's Nodes by name. @param on the control plane that is asked. */
export async function nodes(suite: Suite, on = "cp1"): Promise<ReadonlyMap<string, NodeView>> {
  const list = await suite.kubectl("get nodes -o json", { on });
  const { items } = JSON.parse(list) as { items: Node[] };
  return new Map(items.map((node) => [node.metadata.name, viewOf(node)]));
}

/** The names of the Nodes that are Ready, in order. */
export async function readyNodes(suite: Suite): Promise<string[]> {
  const all = [...(await nodes(suite)).values()];
  return all.flatMap((node) => (node.ready ? [node.name] : [])).sort();
}

function viewOf({ metadata, status }: Node): NodeView {
  const ready = status.conditions.find(({ type }) => type === "Ready");
  return {
    name: metadata.name,
    uid: metadata.uid,
    labels: metadata.labels,
    version: status.nodeInfo.kubeletVersion,
    ready: ready?.status === "True",
    heartbeat: Date.parse(ready?.lastHeartbeatTime ?? "1970-01-01"),
  };
}
