import type { StepParameters } from "../../components/remote/steps";
import { initConfiguration } from "../../components/render/kubeadm";
import { joinRbac } from "../../components/render/joinRbac";
import { foundingSettings } from "../../components/render/settings";
import { FakeCluster } from "../support/fakeCluster";
import { pkiFiles } from "../support/files";
import { kubeadmCluster } from "../support/kubeadmCluster";
import { Sandbox, type Outcome } from "../support/sandbox";

const endpoint = "127.0.0.1:6443";
let machine: Sandbox;
let cluster: FakeCluster;
beforeEach(() => {
  machine = new Sandbox();
  cluster = new FakeCluster(machine);
  // The balancer listens before any API server is there.
  machine.listen("127.0.0.1", 6443);
  machine.stub("systemctl");
  for (const file of pkiFiles) machine.write(`/var/lib/kubeadm-ha/pki/${file}`, `our ${file}\n`);
});
afterEach(() => machine.remove());

const settings = foundingSettings(kubeadmCluster(), "stacked");
const parameters: StepParameters["found"] = {
  HOST_NAME: "cp1",
  CLUSTER_ID: "c1",
  ENDPOINT: endpoint,
  SETTINGS: settings,
  KUBEADM_CONFIG: initConfiguration(kubeadmCluster(), { name: "cp1", address: "192.168.1.21" }),
  JOIN_RBAC: joinRbac(),
  BALANCER: "built",
};
const found = (): Outcome => machine.step("found", parameters);
const kubeadmCalls = (): string[] =>
  machine.calls("kubeadm").map((call) => call.split(" ")[1] ?? "");
const succeeded = { code: 0, stdout: "", stderr: "" };

describe("founding", () => {
  it("runs kubeadm init with the stack's own CAs, then leaves the record", () => {
    expect(found()).toEqual(succeeded);
    expect(machine.calls("kubeadm")).toEqual([
      "kubeadm init --config /var/lib/kubeadm-ha/kubeadm-init.yaml --skip-token-print",
    ]);
    expect(machine.read("/etc/kubernetes/pki/ca.key")).toBe("our ca.key\n");
    expect(machine.read("/var/lib/kubeadm-ha/kubeadm-init.yaml")).toBe(parameters.KUBEADM_CONFIG);
    expect(cluster.record("clusterId")).toBe("c1");
    expect((cluster.record("settings") ?? "").trimEnd()).toBe(settings.trimEnd());
    expect(cluster.record("members")).toBe("");
    expect(cluster.applied()).toContain("name: kubeadm-ha:joiners:node-bootstrapper");
  });

  it("leaves no token, and writes the record last", () => {
    found();
    const calls = machine.calls("kubectl").filter((call) => !call.includes("get "));
    expect(calls.map((call) => call.split(" ").slice(1, 5).join(" "))).toEqual([
      "-n kube-system delete secrets",
      "apply -f -",
      "-n kube-system create configmap",
      expect.stringMatching(/^apply -f \/var\/lib\/kubeadm-ha\/record/),
    ]);
    expect(machine.has("/var/lib/kubeadm-ha/record.yaml")).toBe(false);
  });

  it("shows no token in what the user sees", () => {
    const { stdout, stderr } = found();
    expect(stdout + stderr).toBe("");
  });
});

describe("a second cluster is never founded:", () => {
  it("not where it was founded before", () => {
    found();
    machine.forget();
    expect(found()).toEqual(succeeded);
    expect(machine.calls("kubeadm")).toEqual([]);
    expect(machine.calls("kubectl")).toEqual([]);
  });

  it("not where the endpoint answers as this very cluster, though this host does not know", () => {
    cluster.answers(endpoint);
    cluster.setRecord("clusterId", "c1");
    cluster.setRecord("members", "cp1 control-plane 192.168.1.21 key/1\n");
    expect(found()).toEqual(succeeded);
    expect(machine.calls("kubeadm")).toEqual([]);
    expect(cluster.record("members")).toBe("cp1 control-plane 192.168.1.21 key/1\n");
  });

  it("not where another cluster of the same CA answers", () => {
    cluster.answers(endpoint);
    cluster.setRecord("clusterId", "another");
    const { code, stderr } = found();
    expect(code).toBe(1);
    expect(stderr).toContain(
      `cp1: found: another cluster answers at ${endpoint}; nothing was changed`,
    );
    expect(machine.calls("kubeadm")).toEqual([]);
  });

  it("not where something else answers at the endpoint", () => {
    cluster.answersForeign(endpoint);
    const { code, stderr } = found();
    expect(code).toBe(1);
    expect(stderr).toBe(
      `cp1: found: something that is not this cluster answers at ${endpoint}; nothing was changed\n` +
        "  what to do: give the stack an endpoint of its own\n",
    );
    expect(machine.calls("kubeadm")).toEqual([]);
  });

  it("not where this stack's CA answers without a record, and this host had no part in it", () => {
    cluster.answers(endpoint);
    const { code, stderr } = found();
    expect(code).toBe(1);
    expect(stderr).toContain("answers at 127.0.0.1:6443 but has no record of kubeadm-ha");
    expect(machine.calls("kubeadm")).toEqual([]);
  });
});

describe("a founding that broke off", () => {
  it("within kubeadm init is reset and begun again", () => {
    machine.write("/cluster/kubeadm-fails", "error execution phase wait-control-plane: timed out");
    const broken = found();
    expect(broken.code).toBe(1);
    expect(broken.stderr).toContain("    error execution phase wait-control-plane: timed out\n");
    machine.run(["rm", "/cluster/kubeadm-fails"], "");
    machine.write("/etc/kubernetes/manifests/kube-apiserver.yaml", "");
    machine.write("/var/lib/etcd/member/wal", "");
    machine.forget();
    expect(found()).toEqual(succeeded);
    expect(kubeadmCalls()).toEqual(["reset", "init"]);
    // etcd's data of the first attempt is gone; the directory may be a mount point.
    expect(machine.list("/var/lib/etcd/member")).toEqual([]);
    expect(cluster.record("clusterId")).toBe("c1");
  });

  it("after kubeadm init goes on from there", () => {
    found();
    machine.run(["rm", "-r", "/cluster/record", "/var/lib/kubeadm-ha/founded"], "");
    machine.forget();
    expect(found()).toEqual(succeeded);
    expect(machine.calls("kubeadm")).toEqual([]);
    expect(cluster.record("clusterId")).toBe("c1");
  });

  it("is not begun again while the API cannot say whether there is a record", () => {
    // Founded, and then replaced: the host joined again and does not know any more that it once founded the cluster.
    found();
    machine.run(["rm", "/var/lib/kubeadm-ha/founded", "/var/lib/kubeadm-ha/initialised"], "");
    cluster.isDown("Unable to connect to the server: net/http: TLS handshake timeout");
    machine.forget();
    const { code } = found();
    expect(code).toBe(1);
    expect(machine.calls("kubeadm")).toEqual([]);
  });
});

describe("the balancer", () => {
  it("must accept connections first", () => {
    machine.run(["rm", "/.listen"], "");
    const { code, stderr } = found();
    expect(code).toBe(1);
    expect(stderr).toBe(
      `cp1: found: the load balancer at ${endpoint} does not accept connections from this host\n` +
        `  what to do: check that ${endpoint} leads to the balancer and that no firewall is in between\n`,
    );
    expect(machine.calls("kubeadm")).toEqual([]);
  });

  it("must lead to the new API server", () => {
    machine.stub("kubeadm", "mkdir -p /etc/kubernetes; touch /etc/kubernetes/kubelet.conf");
    const { code, stderr } = found();
    expect(code).toBe(1);
    expect(stderr).toContain("the API server runs but does not answer through the load balancer");
    expect(cluster.record("clusterId")).toBeUndefined();
  });
});
