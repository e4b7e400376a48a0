import type { StepParameters } from "../../components/remote/steps";
import { FakeCluster } from "../support/fakeCluster";
import { Sandbox, type Outcome } from "../support/sandbox";

let machine: Sandbox;
let cluster: FakeCluster;
const endpoint = "127.0.0.1:6443";
const dns = "127.0.0.10";
const nodes = [
  "cp1 control-plane 192.168.1.21 u1",
  "cp2 control-plane 192.168.1.22 u2",
  "cp3 control-plane 192.168.1.23 u3",
  "w1 worker 192.168.1.101 u4",
];
/** A DNS server's answer of eight bytes and more: its error code, and how many records it has. */
const answer = (errorCode: number, records: number): Uint8Array =>
  Uint8Array.from([0x4b, 0x48, 0x81, 0x80 | errorCode, 0, 1, 0, records, 0, 0, 0, 0]);

beforeEach(() => {
  machine = new Sandbox();
  cluster = new FakeCluster(machine);
  cluster.answers(endpoint);
  for (const line of nodes) {
    const [name = "", role, address = ""] = line.split(" ");
    cluster.addNode(name);
    if (role !== "control-plane") continue;
    cluster.answers(`${address}:6443`);
    cluster.addMember(name, address);
  }
  machine.write(
    "/etc/containerd/config.toml",
    '[plugins]\n  sandbox_image = "registry/pause:3.10.2"\n',
  );
  // A closed port of this host refuses, as a pod's does.
  machine.write(
    "/cluster/probes",
    nodes.map((line) => `${line.split(" ")[0]} 127.0.0.1\n`).join(""),
  );
  machine.answerDatagrams(dns, 53, answer(0, 1));
});
afterEach(() => machine.remove());

const verify = (more: Partial<StepParameters["verify"]> = {}): Outcome =>
  machine.step("verify", {
    HOST_NAME: "cp1",
    KUBERNETES_VERSION: "1.37.2",
    ENDPOINT: endpoint,
    DNS_ADDRESS: dns,
    DNS_DOMAIN: "cluster.local",
    POD_NETWORK: "verify",
    LEAVING: "",
    NODES: nodes.map((line) => `${line}\n`).join(""),
    ETCD_MEMBERS: "",
    ...more,
  });
const refusal = (more: Partial<StepParameters["verify"]> = {}): string => {
  const { code, stdout, stderr } = verify(more);
  expect([code, stdout]).toEqual([1, ""]);
  return stderr;
};

it("prints a small summary of a cluster that works", () => {
  expect(verify()).toEqual({
    code: 0,
    stdout: '{"nodes":4,"controlPlanes":3,"etcdMembers":3,"podNetwork":true}',
    stderr: "",
  });
  expect(cluster.applied()).toContain('image: "registry/pause:3.10.2"');
});

it("does not ask for what a pod network gives where the stack has none", () => {
  cluster.addNode("w1", { ready: false });
  machine.run(["rm", "/.listen", "/cluster/probes"], "");
  expect(verify({ POD_NETWORK: "none" })).toMatchObject({
    code: 0,
    stdout: '{"nodes":4,"controlPlanes":3,"etcdMembers":3,"podNetwork":false}',
  });
});

it("names nodes at another version, or missing", () => {
  machine.write("/cluster/nodes/cp2/version", "v1.36.4");
  machine.run(["rm", "-r", "/cluster/nodes/w1"], "");
  expect(refusal()).toBe(
    "cp1: verify: not at v1.37.2:\n    cp2: v1.36.4\n    w1: no such Node\n" +
      "  what to do: bring their kubelets to that version, or take such a node out in one `pulumi up` and add it in the next\n",
  );
});

it("names an API server that is not ready, though the balancer hides it", () => {
  cluster.answers("192.168.1.22:6443", 500);
  expect(refusal()).toContain(
    "cp1: verify: the API server of cp2 (192.168.1.22:6443) is not ready\n",
  );
});

it("tells that the balancer does not lead to the API", () => {
  machine.run(["rm", `/cluster/api/${endpoint}`], "");
  expect(refusal()).toContain(`the API does not answer through the load balancer at ${endpoint}\n`);
});

it("names nodes that are not Ready", () => {
  cluster.addNode("w1", { ready: false });
  expect(refusal()).toContain("cp1: verify: not Ready: w1\n");
});

describe("etcd", () => {
  it("must have every control plane as a voting member", () => {
    machine.run(
      [
        "sed",
        "-i",
        "s/id-cp3, started, cp3, \\(.*\\), false/id-cp3, started, cp3, \\1, true/",
        "/cluster/etcd",
      ],
      "",
    );
    expect(refusal()).toContain("etcd's members are not the control planes of the stack:\n");
  });

  it("has space left", () => {
    machine.write("/cluster/full", "");
    expect(refusal()).toContain('follow "No space left" in docs/operations.md');
  });

  it("must have no other member", () => {
    cluster.addMember("old", "192.168.1.29");
    expect(refusal()).toMatch(
      / {4}id-old started old https:\/\/192\.168\.1\.29:2380 false\n.*wanted are: cp1,cp2,cp3\n$/s,
    );
  });
});

describe("pods", () => {
  it("must run on every node", () => {
    machine.write("/cluster/probes", "cp1 127.0.0.1\ncp2 127.0.0.1\ncp3 127.0.0.1\nw1 \n");
    expect(refusal()).toContain(
      "a pod cannot start on every node; these run:\n    cp1 127.0.0.1\n",
    );
  });

  it("must be reached", () => {
    // Nothing answers there: packets are lost, as between hosts that a firewall parts.
    machine.stub("timeout", '[[ $* != *192.0.2.1* ]] || exit 124\nexec /usr/bin/timeout "$@"');
    machine.write(
      "/cluster/probes",
      nodes.map((line) => `${line.split(" ")[0]} 192.0.2.1\n`).join(""),
    );
    expect(refusal()).toContain("the pod 192.0.2.1 on cp1 cannot be reached from cp1\n");
  });
});

describe("the cluster's DNS", () => {
  it("is asked for the API's own name, in one datagram", () => {
    verify();
    const labels = ["kubernetes", "default", "svc", "cluster", "local"];
    const name = labels.map((label) => String.fromCharCode(label.length) + label).join("");
    const header = "4b48" + "0100" + "0001" + "0000" + "0000" + "0000";
    const typeA = "00" + "0001" + "0001";
    expect(machine.read("/.datagrams")).toBe(
      `${header}${Buffer.from(name, "latin1").toString("hex")}${typeA}\n`,
    );
  });

  it("is told when it does not answer", () => {
    machine.run(["rm", "/.listen"], "");
    expect(refusal()).toContain(`cp1: verify: CoreDNS at ${dns} does not resolve `);
  });

  it.each([
    ["does not know the name", answer(3, 0)],
    ["fails", answer(2, 0)],
    ["has no address for the name", answer(0, 0)],
  ])("is told when it %s", (_, reply) => {
    machine.run(["rm", "/.listen"], "");
    machine.answerDatagrams(dns, 53, reply);
    expect(refusal()).toContain(
      `CoreDNS at ${dns} does not resolve kubernetes.default.svc.cluster.local\n`,
    );
  });
});
