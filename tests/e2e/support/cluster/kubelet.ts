import type { NodeView } from "./nodes";
import type { Suite } from "../suite/suite";

/**
 * A Node is Ready, and its kubelet has said so since it last started: the Node of a host that is gone stays Ready for 40 s.
 *
 * @param node what the API says of it; undefined where it has no such Node.
 * @throws where that does not hold.
 */
export async function checkNode(
  suite: Suite,
  name: string,
  node: NodeView | undefined,
): Promise<void> {
  if (node?.ready !== true) throw new Error(`the Node ${name} is not Ready`);
  const started = await kubeletStart(suite, name);
  if (node.heartbeat < started) throw new Error(`${name}: the kubelet has not said that yet`);
}

/** When the kubelet that runs on a host was started, in milliseconds since 1970. @throws where none runs. */
async function kubeletStart(suite: Suite, host: string): Promise<number> {
  const properties = "--property ActiveState --property ActiveEnterTimestamp";
  const text = await suite.outputOf(host, `systemctl show kubelet --timestamp=unix ${properties}`);
  const started = /^ActiveEnterTimestamp=@(\d+)$/m.exec(text)?.[1];
  if (!/^ActiveState=active$/m.test(text) || started === undefined) {
    throw new Error(`${host}: the kubelet does not run: ${text}`);
  }
  return Number(started) * 1000;
}
