import yaml from "js-yaml";

import { ensureWriter } from "../../../../lab/build/artefacts";
import { containerName } from "../../../../lab/hosts/containers";
import { podman } from "../../../../lab/hosts/podman";
import { lines } from "../../../../lab/output";
import { eventually } from "../eventually";
import type { Suite } from "../suite/suite";
import { reportOf, successesInARow, type Write, type WriteReport } from "./writes";

/** Where the writer lies on its host: in memory, gone when the host is switched off, or on its disk. */
const folders = { fleeting: "/run/kha-writer", lasting: "/var/lib/kha-writer" } as const;

/** A program on a host that writes a new key ten times a second, through the cluster's endpoint. */
export interface Writer {
  /**
   * Waits until so many writes in a row were acknowledged.
   *
   * @param since milliseconds since 1970: only writes that began then or later count.
   * @param count default: 30, three seconds.
   */
  steady(since: number, count?: number): Promise<void>;
  /** Which API server the connection that it used last leads to, as HAProxy on that balancer tells. */
  serverBehind(balancer: string): Promise<string>;
  /** Ends it, reads back what was acknowledged, and removes it. */
  stop(): Promise<WriteReport>;
}

/** Seconds that writes may fail on end before a story gives up. */
const patience = 120;

/** Where a writer runs. */
export interface WriterOptions {
  /** The host; it has to be out of what fails. */
  readonly on: string;
  /**
   * Its records outlive a restart of its host, though the writer itself ends with it: for what no host is out of. Default:
   * false.
   */
  readonly lasting?: boolean;
}

/** Starts the writer. Its keys are ConfigMaps in a namespace of its own. */
export async function startWriter(
  suite: Suite,
  { on, lasting = false }: WriterOptions,
): Promise<Writer> {
  const folder = folders[lasting ? "lasting" : "fleeting"];
  const program = await ensureWriter(lines());
  const namespace = `writes-${Date.now().toString(36)}`;
  const records = `${folder}/${namespace}`;
  // A story that failed may have left one behind.
  await suite.outputOf(
    on,
    `systemctl stop kha-writer; systemctl reset-failed kha-writer; install -d -m 0700 ${folder}`,
  );
  await podman(["cp", program, `${containerName(suite.lab.stack, on)}:/usr/local/bin/kha-writer`]);
  const kubeconfig = JSON.stringify(yaml.load(await suite.stackOutput<string>("kubeconfig")));
  const access = `${folder}/kubeconfig`;
  await suite.outputOf(on, `umask 077; cat > ${access}`, kubeconfig);
  // A member that has just come back may cut one request more: the client begins when the API has settled.
  await eventually(60, () =>
    suite.kubectl("apply -f -", {
      input: JSON.stringify({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } }),
    }),
  );
  await suite.outputOf(
    on,
    `systemd-run --quiet --unit kha-writer /usr/local/bin/kha-writer ${access} ${namespace} ${records}`,
  );

  const writes = async (): Promise<Write[]> =>
    (await suite.outputOf(on, `cat ${records} 2>/dev/null || true`))
      .split("\n")
      .filter((line) => line.endsWith("}"))
      .map((line) => JSON.parse(line) as Write);

  const steady: Writer["steady"] = async (since, count = 30) => {
    await eventually(patience, async () => {
      const all = await writes();
      if (successesInARow(all, since) >= count) return;
      const last = JSON.stringify(all.at(-1));
      throw new Error(`no ${count} writes in a row were acknowledged; the last: ${last}`);
    });
  };
  await steady(0, 10);

  return {
    steady,
    serverBehind: (balancer) => serverBehind(suite, on, balancer),
    async stop() {
      // The unit of one that ended with its host is no longer known.
      await suite.outputOf(on, `systemctl stop kha-writer${lasting ? " || true" : ""}`);
      const all = await writes();
      const present = await eventually(patience, () => keysIn(suite, on, access, namespace));
      await suite.outputOf(
        on,
        `kubectl --kubeconfig ${access} delete namespace ${namespace} --wait=false; rm -rf ${folder}`,
      );
      return reportOf(all, present);
    },
  };
}

/** The keys that the API gives back, each with the value that was written. */
async function keysIn(
  suite: Suite,
  on: string,
  access: string,
  namespace: string,
): Promise<Set<string>> {
  const template = `{range .items[*]}{.metadata.name} {.data.key}{"\\n"}{end}`;
  const list = await suite.outputOf(
    on,
    `kubectl --kubeconfig ${access} --request-timeout=10s -n ${namespace} get configmaps -o jsonpath='${template}'`,
  );
  const pairs = list.split("\n").map((line) => line.split(" "));
  return new Set(pairs.flatMap(([name = "", value]) => (name === value ? [name] : [])));
}

/**
 * Finds the writer's connection among those of the balancer: by the port on its own host. It may have several, after a write
 * that took long; the next write takes the one that was used last.
 */
async function serverBehind(suite: Suite, on: string, balancer: string): Promise<string> {
  return eventually(10, async () => {
    const sockets = await suite.outputOf(on, "ss -HOtnpi state established '( dport = :6443 )'");
    const [latest] = sockets
      .split("\n")
      .filter((text) => text.includes('"kha-writer"'))
      .sort((a, b) => sinceSent(a) - sinceSent(b));
    const port = /\S+:(\d+)\s+\S+:6443/.exec(latest ?? "")?.[1];
    if (port === undefined) throw new Error(`the writer has no connection:\n${sockets}`);
    const sessions = await suite.outputOf(
      balancer,
      "echo 'show sess' | socat stdio /var/run/haproxy.sock",
    );
    const session = sessions
      .split("\n")
      .find((text) => text.includes(`src=${suite.addressOf(on)}:${port} `));
    const server = / srv=(\S+)/.exec(session ?? "")?.[1];
    if (server === undefined) throw new Error(`no session from port ${port}:\n${sessions}`);
    return server;
  });
}

/** Milliseconds since something was sent on a connection, as a line of `ss` tells; it leaves out 0. */
function sinceSent(line: string): number {
  return Number(/ lastsnd:(\d+)/.exec(line)?.[1] ?? 0);
}
