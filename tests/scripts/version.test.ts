import { dump, loadAll } from "js-yaml";

import { initConfiguration, nodeConfiguration } from "../../components/render/kubeadm";
import { FakeCluster } from "../support/fakeCluster";
import { kubeadmCluster } from "../support/kubeadmCluster";
import { Sandbox, type Outcome } from "../support/sandbox";

// All processes of the real machine are seen in the sandbox: members that no other run of these tests has.
const member = (i: number): string =>
  `https://10.${process.pid % 250}.${Date.now() % 250}.${i}:2379`;
const [three, four] = [[1, 2, 3].map(member), [1, 2, 3, 4].map(member)];
const manifest = "/etc/kubernetes/manifests/kube-apiserver.yaml";
const succeeded = { code: 0, stdout: "", stderr: "" };

let machine: Sandbox;
beforeEach(() => {
  machine = new Sandbox();
  new FakeCluster(machine).answers("192.168.1.21:6443");
  // kubeadm's record, its manifest, and the API server that the kubelet makes of it; `/no-kubelet`: nothing makes it.
  machine.stub(
    "kubectl",
    `case "$*" in
      *'get configmap kubeadm-config'*) cat /recorded ;;
      *) echo "nobody expected: kubectl $*" >&2; exit 97 ;;
    esac`,
  );
  machine.stub(
    "kubeadm",
    `endpoints=$(sed -n '/^ *endpoints:$/,/^ *[a-zA-Z]*:/s/^ *- \\(https:.*\\)$/\\1/p' "\${*: -1}" | paste -sd,)
    case "$*" in
      'init phase upload-config kubeadm --config '*) sed '1,/^---$/d' "\${*: -1}" >/recorded ;;
      'init phase control-plane apiserver --config '*)
        mkdir -p "${manifest.replace(/\/[^/]*$/, "")}"
        printf '    - --etcd-servers=%s\\n' "$endpoints" >${manifest}
        [[ ! -e /no-kubelet ]] || exit 0
        perl -e 'alarm 20; select undef, undef, undef, 20' -- "--etcd-servers=$endpoints" </dev/null >/dev/null 2>&1 9>&- &
        ;;
      *) echo "nobody expected: kubeadm $*" >&2; exit 97 ;;
    esac`,
  );
});
afterEach(() => machine.remove());

/** The cluster's configuration as kubeadm records it. */
function recorded(endpoints: readonly string[]): string {
  const configuration = initConfiguration(kubeadmCluster({ etcdEndpoints: endpoints }), {
    name: "cp1",
    address: "192.168.1.21",
  });
  interface Document {
    kind: string;
    etcd?: { external: { endpoints: string[]; httpEndpoints?: string[] } };
  }
  const documents = loadAll(configuration) as Document[];
  const cluster = documents.find(({ kind }) => kind === "ClusterConfiguration");
  const members = cluster?.etcd?.external;
  if (members === undefined)
    throw new Error("there is no external etcd in kubeadm's configuration");
  // Which kubeadm does itself since 1.35.
  members.httpEndpoints = [...members.endpoints];
  return dump(cluster, { sortKeys: true, noArrayIndent: true });
}

/** A control plane whose API server runs with these members. */
function running(endpoints: readonly string[]): void {
  machine.write("/recorded", recorded(endpoints));
  expect(version(endpoints)).toEqual(succeeded);
  machine.forget();
}

function version(endpoints: readonly string[]): Outcome {
  return machine.step("version", {
    HOST_NAME: "cp1",
    ADDRESS: "192.168.1.21",
    ETCD_ENDPOINTS: endpoints.join(","),
    NODE_CONFIG: nodeConfiguration(kubeadmCluster(), { name: "cp1", address: "192.168.1.21" }),
    LEAVING: "",
  });
}

it("changes nothing on a control plane that has these settings", () => {
  running(three);
  expect(version(three)).toEqual(succeeded);
  expect(machine.calls("kubeadm")).toEqual([]);
});

it("brings a new member first to kubeadm's record, then to the API server", () => {
  running(three);
  expect(version(four)).toEqual(succeeded);
  expect(machine.calls("kubeadm")).toEqual([
    "kubeadm init phase upload-config kubeadm --config /var/lib/kubeadm-ha/kubeadm-settings.yaml",
    "kubeadm init phase control-plane apiserver --config /var/lib/kubeadm-ha/kubeadm-settings.yaml",
  ]);
  expect(machine.read(manifest)).toBe(`    - --etcd-servers=${four.join(",")}\n`);
});

it("leaves kubeadm's record as the control plane before it has put it", () => {
  running(three);
  machine.write("/recorded", recorded(four));
  expect(version(four)).toEqual(succeeded);
  expect(machine.calls("kubeadm")).toEqual([
    "kubeadm init phase control-plane apiserver --config /var/lib/kubeadm-ha/kubeadm-settings.yaml",
  ]);
});

it("takes a member away too", () => {
  running(four);
  expect(version(three)).toEqual(succeeded);
  expect(machine.read(manifest)).toBe(`    - --etcd-servers=${three.join(",")}\n`);
  // And nothing else of the record.
  expect(machine.read("/recorded")).toBe(recorded(three));
});

it("ends with an error where the new API server does not come: the next control plane is not changed", () => {
  machine.write("/recorded", recorded(three));
  machine.write("/no-kubelet", "");
  // Members that no process of another test has.
  const { code, stderr } = version([5, 6, 7].map(member));
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /^cp1: version: the API server does not become ready with the etcd members /,
  );
  expect(stderr).toContain("the other control planes were not changed");
});
