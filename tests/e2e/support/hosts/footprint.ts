import { journal } from "../cluster/journal";
import type { Suite } from "../suite/suite";

/** What a host or a cluster looks like, each thing with what would tell that it was touched. */
export type Footprint = Readonly<Record<string, string>>;

/** Where the product, kubeadm and the services keep what they were told. Logs are written anew by each run of a step. */
const folders = [
  ...["/etc/kubernetes", "/var/lib/kubeadm-ha", "/usr/local/lib/kubeadm-ha", "/usr/local/bin"],
  ...[
    "/etc/etcd",
    "/opt/etcd",
    "/etc/haproxy",
    "/etc/nginx",
    "/etc/keepalived",
    "/etc/containerd",
    "/etc/cni",
  ],
  ...["/etc/systemd/system", "/etc/sysctl.d", "/etc/modules-load.d", "/etc/hosts", "/etc/fstab"],
  ...["/etc/apt", "/var/lib/kubelet/config.yaml", "/var/lib/kubelet/kubeadm-flags.env"],
  "/home/admin/.kube/config",
];

/** Services whose start would show; also a reload, after which a balancer works in a newer process. */
const services = ["kubelet", "containerd", "haproxy", "nginx", "keepalived", "etcd"];

/** What a reset, another join or a restart would change on hosts and in their cluster. @param on the control plane that is asked. */
export async function footprintOf(
  suite: Suite,
  hosts: readonly string[],
  on = "cp1",
): Promise<Footprint> {
  const all = await Promise.all([
    clusterFootprint(suite, on),
    ...hosts.map((host) => hostFootprint(suite, host)),
  ]);
  return Object.assign({}, ...all) as Footprint;
}

/** Expects that since then hosts have been looked at by preflights, and that no other step has run. */
export async function expectOnlyLooked(
  suite: Suite,
  hosts: readonly string[],
  since: number,
): Promise<void> {
  for (const host of hosts) {
    const said = (await journal(suite, host, since)).map(([, text]) => text);
    expect([host, said.filter((text) => !text.startsWith("preflight: "))]).toEqual([host, []]);
  }
}

/** A host's files with the time of their last change, and its services with the time of their start. */
async function hostFootprint(suite: Suite, host: string): Promise<Footprint> {
  const text = await suite.outputOf(
    host,
    `find ${folders.join(" ")} '(' -type f -o -type l ')' -printf '%p\\t%T+ inode %i, %m %u %s\\n' 2>/dev/null
    for service in ${services.join(" ")}; do
      systemctl is-active --quiet "$service" || continue
      printf '%s\\t%s newest process %s\\n' "$service" "$(systemctl show "$service" \\
        --property ActiveEnterTimestampMonotonic,InvocationID,MainPID,NRestarts | paste -sd' ')" \\
        "$(pgrep --newest --exact "$service")"
    done`,
  );
  return record(text, host);
}

/** The cluster's Nodes, the containers of its pods, and the objects that the product writes; not the proof's own pods. */
async function clusterFootprint(suite: Suite, on: string): Promise<Footprint> {
  const template = (path: string): string =>
    `{range .items[*]}{.kind}/{.metadata.name}{"\\t"}${path}{"\\n"}{end}`;
  const ask = (what: string, path: string): Promise<string> =>
    suite.kubectl(`get ${what} -o jsonpath='${template(path)}'`, { on });
  const [found, pods, ...others] = await Promise.all([
    ask("nodes", "{.metadata.uid} {.metadata.labels} {.metadata.annotations} {.spec}"),
    ask(
      "pods --all-namespaces --selector app!=kubeadm-ha-verify",
      "{.metadata.uid} {.status.containerStatuses[*].containerID} on {.spec.nodeName}",
    ),
    ask(
      "daemonsets,deployments --all-namespaces --selector app!=kubeadm-ha-verify",
      "{.metadata.uid} {.metadata.generation}",
    ),
    ask(
      "configmaps --namespace kube-system --field-selector metadata.name=kubeadm-ha",
      "{.metadata.resourceVersion}",
    ),
  ]);
  const names = found.split("\n").map((line) => line.split("\t")[0]?.replace("Node/", ""));
  // Pods of a Node that has left stay in the list for some minutes.
  const living = pods.split("\n").filter((line) => names.includes(line.split(" on ").at(-1)));
  return record([found, ...living, ...others].join("\n"), "cluster");
}

function record(text: string, of: string): Footprint {
  const entries = text.split("\n").flatMap((line) => {
    const [what, ...rest] = line.split("\t");
    return what === undefined || rest.length === 0 ? [] : [[`${of} ${what}`, rest.join(" ")]];
  });
  return Object.fromEntries(entries) as Footprint;
}

/** What is not as it was, by name. */
export function touchedBetween(before: Footprint, after: Footprint): readonly string[] {
  const all = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...all].filter((what) => before[what] !== after[what]).sort();
}
