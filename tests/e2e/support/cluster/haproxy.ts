import { haproxyBackend, haproxySocket } from "../../../../components/render/haproxy";
import type { Suite } from "../suite/suite";

/**
 * What HAProxy on a balancer thinks of the API servers, by their names: `UP`, `DOWN`, and with a fraction behind it while it
 * is about to change its mind.
 */
export async function serverStates(
  suite: Suite,
  balancer: string,
): Promise<ReadonlyMap<string, string>> {
  const text = await suite.outputOf(
    balancer,
    `echo 'show stat' | socat -T 2 stdio ${haproxySocket}`,
  );
  const [names, ...rows] = text.split("\n").map((line) => line.split(","));
  // The first line tells which field is which.
  const column = names?.indexOf("status") ?? -1;
  if (column < 0) throw new Error(`${balancer}: HAProxy tells no status:\n${text}`);
  return new Map(
    rows
      .filter(([section, name]) => section === haproxyBackend && name !== "BACKEND")
      .map((row) => [row[1] ?? "", row[column] ?? ""]),
  );
}
