/** What one has to see of a command that is run. */
export interface Expectation {
  /** What its output shows, with the addresses of the document. Default: nothing is looked for. */
  readonly sees?: readonly RegExp[];
  /** For what only reads: seconds within which it may be asked again, until it shows that. Default: 0, so once. */
  readonly within?: number;
  /** Whether it ends with an error, as the document says. Default: false. */
  readonly fails?: boolean;
}

/** What becomes of a command: it is run as it stands, or not, for a reason. */
export type Decision = Expectation | { readonly skipped: string };

/** Decisions in the order of the document, each with a part of its command by which one knows it. */
export type Decisions = Readonly<
  Record<string, readonly (readonly [part: string, decision: Decision])[]>
>;

const run: Decision = {};
const sees = (...patterns: readonly RegExp[]): Decision => ({ sees: patterns });
const skipped = (reason: string): Decision => ({ skipped: reason });

/** A pattern for each of some names, which stand in it as NAME. */
function each(names: readonly string[], pattern: RegExp): readonly RegExp[] {
  return names.map((name) => new RegExp(pattern.source.replaceAll("NAME", name), pattern.flags));
}

const controlPlanes = ["cp1", "cp2", "cp3"];
const nodes = [...controlPlanes, "w1", "w2"];
const addresses = ["11", "12", "13"];
const allUp = sees(...each(controlPlanes, /^kubernetes-backend,NAME,.*,UP,/m));
const versionShown = sees(/"gitVersion": "v1\.37\.2"/);
const readyzShown = sees(/^\[\+\]etcd ok$/m, /^readyz check passed$/m);
const stackedHealthy = sees(...each(addresses, /^https:\/\/198\.18\.0\.NAME:2379 is healthy/m));
const stackedStatus = sees(...each(addresses, /https:\/\/198\.18\.0\.NAME:2379 /));
const objectsCounted = sees(/^ +\d+ configmaps$/m, /^ +\d+ leases$/m);
const compacted = sees(/^compacted revision \d+$/m);
const defragmented = sees(/(Finished defragmenting etcd member.*\n){3}/);
const membersHealthy = sees(
  ...each(["31", "32", "33"], /^https:\/\/198\.18\.2\.NAME:2379 is healthy/m),
);

/** What is decided about each command of docs/operations.md, under the heading that it stands below. */
export const decisions: Decisions = {
  Operations: [
    ["mkdir -p ~/.kube", run],
    ["pulumi stack output", run],
    ["export KUBECONFIG", run],
  ],
  "Is the cluster healthy?": [
    ["get nodes -o wide", sees(...each(nodes, /^NAME +Ready .* v1\.37\.2 /m))],
    [
      "get pods -n kube-system",
      sees(
        ...each(controlPlanes, /^kube-apiserver-NAME +1\/1 +Running/m),
        ...each(controlPlanes, /^etcd-NAME +1\/1 +Running/m),
      ),
    ],
    ["member list", sees(...each(controlPlanes, /, started, NAME, .*, false$/m))],
    ["endpoint health --cluster", stackedHealthy],
    ["get componentstatuses", sees(/^scheduler +Healthy/m, /^etcd-0 +Healthy/m)],
    ["get --raw '/readyz?verbose'", readyzShown],
  ],
  "Testing high availability": [
    ["https://198.18.0.11:6443/version", versionShown],
    ["https://198.18.0.12:6443/version", versionShown],
    ["https://198.18.0.13:6443/version", versionShown],
    ["ssh cp1 sudo systemctl stop kubelet", run],
    ["get nodes", { sees: [/^cp1 +NotReady/m, /^cp2 +Ready/m], within: 90 }],
    ["get pods -A", sees(/^kube-system +kube-apiserver-cp1 /m)],
    ["ssh cp1 sudo systemctl start kubelet", run],
    ["power-off cp1", run],
    ["get nodes", sees(/^cp1 /m, /^cp2 +Ready/m, /^cp3 +Ready/m)],
    ["start cp1", run],
    ["power-off cp1", run],
    [
      "endpoint health --cluster",
      {
        sees: [
          /^https:\/\/198\.18\.0\.11:2379 is unhealthy/m,
          ...each(["12", "13"], /^https:\/\/198\.18\.0\.NAME:2379 is healthy/m),
        ],
        fails: true,
        // A connection that the balancer had just led to cp1 breaks.
        within: 30,
      },
    ],
    ["create configmap", sees(/^configmap\/written-by-two created$/m)],
    ["delete configmap", sees(/"written-by-two" deleted/)],
    ["start cp1", run],
    ["power-off --stack external lb1", run],
    ["kubectl --stack external get nodes", sees(...each(["cp1", "cp2", "w1"], /^NAME +Ready/m))],
    ["start --stack external lb1", run],
  ],
  Balancers: [
    ["show stat", allUp],
    [
      "show servers state",
      sees(...each(["1", "2", "3"], /^\d+ kubernetes-backend \d+ cpNAME 198\.18\.0\.1NAME 2 /m)),
    ],
    [
      "/metrics",
      sees(
        ...each(
          controlPlanes,
          /^haproxy_server_status\{proxy="kubernetes-backend",server="NAME",state="UP"\} 1$/m,
        ),
      ),
    ],
    ["journalctl -u haproxy", { sees: [/ kubernetes-backend\/cp\d /], within: 60 }],
    ["kubernetes.log", sees(/198\.18\.3\.1[123]:6443/)],
    ["error.log", run],
    ["https://198.18.3.11:6443/readyz?verbose", readyzShown],
    ["ip -4 -brief address", sees(/ 198\.18\.2\.9\/32\b/)],
    ["journalctl -u keepalived", sees(/Keepalived/i)],
    ["check-balancer", sees(/^0$/m)],
    ["stop keepalived", run],
    ["start keepalived", run],
  ],
  // Older releases of etcd draw the lines of their tables otherwise.
  "External etcd": [
    ["ssh --stack external etcd1", run],
    ["sudo -i", run],
    ["ETCDCTL_ENDPOINTS", run],
    ["ETCDCTL_CERT", run],
    [
      "member list -w table",
      sees(...each(["etcd1", "etcd2", "etcd3"], /[|│] started [|│] +NAME [|│].* false [|│]$/m)),
    ],
    ["endpoint health --cluster", membersHealthy],
    [
      "endpoint status --cluster",
      sees(...each(["31", "32", "33"], /^[|│] +https:\/\/198\.18\.2\.NAME:2379 [|│]/m)),
    ],
    ["etcd_server_has_leader", sees(/^etcd_server_has_leader 1$/m)],
    ["journalctl -u etcd", sees(/ etcd\[\d+\]: /)],
    ["ssh --stack external etcd1 sudo etcdctl", membersHealthy],
  ],
  Snapshots: [
    ["snapshot save", sees(/Snapshot saved at \/root\/etcd-\d{4}-\d\d-\d\d\.db/)],
    ["snapshot status", sees(/REVISION/, /^[|│] +[0-9a-f]+ [|│] +\d+ [|│]/m)],
  ],
  "No space left": [
    ["alarm list", run],
    [
      "endpoint status --cluster",
      sees(...each(["31", "32", "33"], /https:\/\/198\.18\.2\.NAME:2379 /)),
    ],
    ["get /registry", objectsCounted],
    ["revision=", run],
    ["compact --physical", compacted],
    ["defrag --cluster", defragmented],
    ["alarm disarm", run],
    ["endpoint health --cluster", membersHealthy],
  ],
  "Stacked etcd out of space": [
    ["etcdctl() {", run],
    ["alarm list", run],
    ["endpoint status --cluster", stackedStatus],
    ["get /registry", objectsCounted],
    ["compact --physical", compacted],
    ["defrag --cluster", defragmented],
    ["alarm disarm", run],
    ["endpoint health --cluster", stackedHealthy],
  ],
  // Of the manifests, which no command edits, `faults/stackedEtcdSpace` tells.
  "A higher quota for stacked etcd": [
    ["etcdctl() {", run],
    ["endpoint status --cluster", stackedStatus],
    ["alarm disarm", run],
  ],
  Troubleshooting: [
    ["journalctl -t kubeadm-ha", sees(/ kubeadm-ha\[\d+\]: /)],
    ["join.log", sees(/\d\d:\d\d:\d\d end$/m)],
    ["curl -sk https://198.18.0.10:6443/readyz", sees(/^ok$/m)],
    ["journalctl -u kubelet", sees(/ kubelet\[\d+\]: /)],
    ["ctr -n k8s.io tasks ls", sees(/\bRUNNING$/m)],
    ["logs -n kube-system etcd-cp1", sees(/"msg":/)],
    ["ls /var/log/pods", sees(/^kube-system_etcd-cp1_/m)],
    ["get pods -v=8", sees(/https:\/\/198\.18\.0\.10:6443\/api/)],
    ["show stat", allUp],
    ["https://198.18.0.11:6443/readyz?verbose", readyzShown],
    ["-n kube-flannel get pods", sees(/^kube-flannel-ds-\w+ +1\/1 +Running/m)],
    ["-n kube-flannel logs", sees(/flannel/i)],
  ],
  "Adding and removing a worker": [
    ["npm run lab -- up", sees(...each([...nodes, "w3"], /^NAME +Ready/m))],
    ["pulumi preview && pulumi up", sees(/^ *\d+ unchanged$/m)],
  ],
  "Replacing a host": [
    ["ssh-keygen -R", skipped("changes one's own known_hosts; on the lab `wipe` sees to that")],
    ["ssh-keyscan", skipped("changes one's own known_hosts; on the lab `wipe` sees to that")],
    ["wipe cp2", run],
    ["npm run lab -- up", sees(...each(nodes, /^NAME +Ready/m))],
  ],
  "Work by hand": [
    [
      "token create",
      sees(
        /^kubeadm join 198\.18\.0\.10:6443 --token \S+ --discovery-token-ca-cert-hash sha256:[0-9a-f]{64}/m,
      ),
    ],
    ["upload-certs", sees(/^[0-9a-f]{64}$/m)],
    ["kubeadm join", skipped("needs a machine that has been prepared by other means")],
    ["--control-plane", skipped("needs a machine that has been prepared by other means")],
  ],
  Certificates: [
    ["check-expiration", sees(/^apiserver +[A-Z][a-z]{2} \d\d, \d{4} /m)],
    ["renew all", sees(/^certificate for serving the Kubernetes API renewed$/m)],
    ["for name in server peer health", sees(/^notAfter=/m, /CN ?= ?etcd1\b/, /\b198\.18\.2\.31\b/)],
    ["apiserver-etcd-client.crt", sees(/^notAfter=/m)],
    ["s_client", sees(/^notAfter=/m)],
    ["sudo cp", run],
  ],
  Destroying: [
    ["pulumi destroy", skipped("ends the cluster; the stories `destroy` of each stack do")],
    ["down", skipped("throws the hosts away; every full run of the stories ends so")],
  ],
};

/** Headings whose commands are typed into the shell that the first block below another heading opens. */
export const shells: Readonly<Record<string, string>> = {
  Snapshots: "External etcd",
  "No space left": "External etcd",
};
