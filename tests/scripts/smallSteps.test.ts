import { FakeCluster } from "../support/fakeCluster";
import { caCertificate } from "../support/files";
import { Sandbox, type Outcome } from "../support/sandbox";

let machine: Sandbox;
beforeEach(() => {
  machine = new Sandbox();
});
afterEach(() => machine.remove());
const succeeded = { code: 0, stdout: "", stderr: "" };
const keys = (): string[] => machine.list("/var/lib/kubeadm-ha/pki");

describe("trust", () => {
  const worker = (certificate: string): Outcome =>
    machine.step("trust-worker", {
      HOST_NAME: "w1",
      GENERATION: "1",
      CA_CERTIFICATE: certificate,
      JOIN_KUBECONFIG: "the join credential\n",
    });

  it("gives a worker the CA's certificate and the join credential, for root alone", () => {
    expect(worker(caCertificate())).toEqual(succeeded);
    expect(keys()).toEqual(["ca.crt"]);
    expect(machine.read("/var/lib/kubeadm-ha/join.conf")).toBe("the join credential\n");
    expect(machine.mode("/var/lib/kubeadm-ha/join.conf")).toBe("600");
    expect(machine.mode("/var/lib/kubeadm-ha/pki")).toBe("700");
  });

  it("gives a control plane all keys, for root alone", () => {
    const names = [
      "CA_KEY",
      "FRONT_PROXY_CA_CERTIFICATE",
      "FRONT_PROXY_CA_KEY",
      "ETCD_CA_CERTIFICATE",
      "ETCD_CA_KEY",
      "SERVICE_ACCOUNT_KEY",
      "SERVICE_ACCOUNT_PUBLIC_KEY",
      "ADMIN_KUBECONFIG",
      "JOIN_KUBECONFIG",
    ] as const;
    const secrets = Object.fromEntries(names.map((name) => [name, `${name}\n`])) as Record<
      (typeof names)[number],
      string
    >;
    const outcome = machine.step("trust-control-plane", {
      HOST_NAME: "cp1",
      GENERATION: "1",
      CA_CERTIFICATE: caCertificate(),
      ETCD_CLIENT_CERTIFICATE: "",
      ETCD_CLIENT_KEY: "",
      ...secrets,
    });
    expect(outcome).toEqual(succeeded);
    expect(keys()).toEqual([
      "ca.crt",
      "ca.key",
      "etcd",
      "front-proxy-ca.crt",
      "front-proxy-ca.key",
      "sa.key",
      "sa.pub",
    ]);
    expect(machine.list("/var/lib/kubeadm-ha/pki/etcd")).toEqual(["ca.crt", "ca.key"]);
    expect(machine.read("/var/lib/kubeadm-ha/pki/etcd/ca.key")).toBe("ETCD_CA_KEY\n");
    for (const file of ["pki/ca.key", "pki/etcd/ca.key", "pki/sa.key", "admin.conf", "join.conf"]) {
      expect([file, machine.mode(`/var/lib/kubeadm-ha/${file}`)]).toEqual([file, "600"]);
    }
  });

  describe("with an external etcd", () => {
    const externally = (certificate: string, key: string, generation = "1"): Outcome =>
      machine.step("trust-control-plane", {
        HOST_NAME: "cp1",
        GENERATION: generation,
        CA_CERTIFICATE: caCertificate(),
        CA_KEY: "k",
        FRONT_PROXY_CA_CERTIFICATE: "c",
        FRONT_PROXY_CA_KEY: "k",
        ETCD_CA_CERTIFICATE: "c",
        ETCD_CA_KEY: "",
        ETCD_CLIENT_CERTIFICATE: certificate,
        ETCD_CLIENT_KEY: key,
        SERVICE_ACCOUNT_KEY: "k",
        SERVICE_ACCOUNT_PUBLIC_KEY: "p",
        ADMIN_KUBECONFIG: "a",
        JOIN_KUBECONFIG: "j",
      });
    const installed = "/etc/kubernetes/pki/apiserver-etcd-client";

    it("a control plane gets the API server's way into it, and no key of etcd's CA", () => {
      machine.write("/var/lib/kubeadm-ha/pki/etcd/ca.key", "of a stacked time");
      expect(externally(caCertificate(), "the key\n")).toEqual(succeeded);
      expect(machine.list("/var/lib/kubeadm-ha/pki/etcd")).toEqual(["ca.crt"]);
      expect(keys()).toEqual(
        expect.arrayContaining(["apiserver-etcd-client.crt", "apiserver-etcd-client.key"]),
      );
      expect(machine.mode("/var/lib/kubeadm-ha/pki/apiserver-etcd-client.key")).toBe("600");
      // kubeadm has not run yet: there is nothing to renew.
      expect(machine.has(`${installed}.crt`)).toBe(false);
    });

    it("a renewed certificate reaches the API server that runs, and leaves no join credential behind", () => {
      machine.write(`${installed}.crt`, "the old one\n");
      machine.write(`${installed}.key`, "the old key\n");
      machine.write("/var/lib/kubeadm-ha/joined", "c1\n");
      machine.write("/var/lib/kubeadm-ha/generation", "1\n");
      const renewed = caCertificate();
      expect(externally(renewed, "the key\n")).toEqual(succeeded);
      expect(machine.read(`${installed}.crt`)?.trim()).toBe(renewed.trim());
      expect(machine.read(`${installed}.key`)).toBe("the key\n");
      expect(machine.mode(`${installed}.key`)).toBe("600");
      expect(machine.has("/var/lib/kubeadm-ha/join.conf")).toBe(false);
      // A machine of a new generation joins anew, and needs it.
      expect(externally(renewed, "the key\n", "2")).toEqual(succeeded);
      expect(machine.has("/var/lib/kubeadm-ha/join.conf")).toBe(true);
    });
  });

  it("leaves no key in the log, nor in what the user sees", () => {
    worker(caCertificate());
    expect(machine.read("/var/log/kubeadm-ha/trust-worker.log")).not.toMatch(
      /CERTIFICATE|credential/,
    );
  });

  it("waits until the certificates are valid on the host's own clock, and says so where it is far behind", () => {
    const certificate = caCertificate();
    // Ten seconds a look: the host is 25 s, and then ten minutes behind.
    const behind = (seconds: number): void => {
      machine.stub(
        "date",
        `if [[ $* == +%s ]]; then
          echo x >>/tmp/looks; echo $(($(/usr/bin/date +%s) - ${seconds} + 10 * $(wc -l </tmp/looks)))
        else exec /usr/bin/date "$@"; fi`,
      );
    };
    behind(25);
    expect(worker(certificate)).toEqual(succeeded);
    machine.run(["rm", "/tmp/looks"], "");
    behind(600);
    const { code, stderr } = worker(certificate);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^w1: trust-worker: the clock is \d+ s behind the start of the cluster's certificates\n/,
    );
  });
});

it("addons applies the manifest as the product's own fields", () => {
  const cluster = new FakeCluster(machine);
  const manifest = "kind: Namespace\nmetadata: {name: kube-flannel}\n";
  expect(machine.step("addons", { HOST_NAME: "cp1", CNI_MANIFEST: manifest })).toEqual(succeeded);
  expect(cluster.applied().trim()).toBe(manifest.trim());
  expect(machine.calls("kubectl")).toEqual([
    "kubectl apply --server-side --force-conflicts --field-manager=kubeadm-ha -f -",
  ]);
});

describe("configure-haproxy", () => {
  const file = "/etc/haproxy/haproxy.cfg";
  const ours = (port: number, more = ""): string =>
    `# Written by kubeadm-ha; …\n  bind *:${port}\n${more}`;
  const configure = (text: string, port = 6443): Outcome =>
    machine.step("configure-haproxy", {
      HOST_NAME: "lb1",
      PORT: String(port),
      CA_CERTIFICATE: "the CA\n",
      HAPROXY_CONFIG: text,
    });
  beforeEach(() => {
    machine.stub(
      "haproxy",
      "! grep -q wrong \"${@: -1}\" || { echo 'unknown keyword' >&2; exit 1; }",
    );
    machine.stub("systemctl", "[[ $1 != is-active ]] || [[ -e /tmp/active ]]");
    machine.stub("socat", "echo 'Name: HAProxy'");
    machine.listen("127.0.0.1", 6443);
  });
  const services = (): string[] =>
    machine.calls("systemctl").filter((call) => !call.includes("is-active"));

  it("starts HAProxy with its configuration, and keeps the package's", () => {
    machine.write(file, "# the package's\n");
    expect(configure(ours(6443))).toEqual(succeeded);
    expect(machine.read(file)).toBe(ours(6443));
    expect(machine.read(`${file}.before-kubeadm-ha`)).toBe("# the package's\n");
    expect(machine.read("/etc/haproxy/kubernetes-ca.crt")).toBe("the CA\n");
    expect(services()).toEqual(["systemctl enable haproxy", "systemctl restart haproxy"]);
  });

  it("reloads HAProxy where it runs: no connection is cut", () => {
    configure(ours(6443));
    machine.write("/tmp/active", "");
    machine.forget();
    expect(configure(ours(6443, "server cp2\n"))).toEqual(succeeded);
    expect(services()).toEqual(["systemctl enable haproxy", "systemctl reload haproxy"]);
  });

  it("leaves the running configuration alone where HAProxy does not take the new one", () => {
    configure(ours(6443));
    machine.forget();
    const { code, stderr } = configure(ours(6443, "wrong\n"));
    expect(code).toBe(1);
    expect(stderr).toContain("    unknown keyword\n");
    expect(machine.read(file)).toBe(ours(6443));
    expect(services()).toEqual([]);
  });

  it("refuses another port than the nodes know", () => {
    configure(ours(6443));
    machine.forget();
    const { code, stderr } = configure(ours(8443), 8443);
    expect(code).toBe(1);
    expect(stderr).toContain(
      "lb1: configure-haproxy: loadBalancer.port is 6443 on this balancer and 8443 in the stack file",
    );
    expect(machine.read(file)).toBe(ours(6443));
    expect(machine.calls()).toEqual([]);
  });

  it("is told when nothing listens afterwards", () => {
    const { code, stderr } = configure(ours(7443), 7443);
    expect(code).toBe(1);
    expect(stderr).toContain("lb1: configure-haproxy: HAProxy does not listen on port 7443\n");
  });
});

describe("verify-haproxy", () => {
  const verify = (statistics: string): Outcome => {
    machine.stub("socat", `cat <<'EOF'\n${statistics}EOF`);
    return machine.step("verify-haproxy", {
      HOST_NAME: "lb1",
      BACKEND: "kubernetes-backend",
      SERVERS: "cp1 cp10",
      JOINED: "u1 u2",
    });
  };
  // The fields of "show stat", of which the order is HAProxy's own affair.
  const statistics = (states: Record<string, string>): string =>
    "# pxname,svname,qcur,status,weight\nkubernetes-frontend,FRONTEND,0,OPEN,\n" +
    Object.entries(states)
      .map(([name, state]) => `kubernetes-backend,${name},0,${state},1\n`)
      .join("") +
    "kubernetes-backend,BACKEND,0,UP,2\n";

  it("passes when every server is up", () => {
    expect(verify(statistics({ cp1: "UP", cp10: "UP" }))).toEqual(succeeded);
  });

  it.each([
    ["is down", { cp1: "DOWN", cp10: "UP" }, "    cp1 DOWN\n    cp10 UP\n"],
    ["is still coming up", { cp1: "UP", cp10: "UP 1/2" }, "    cp10 UP 1/2\n"],
    ["is not there", { cp10: "UP" }, "    cp10 UP\n"],
  ])("tells the states when one %s", (_, states, lines) => {
    const { code, stderr } = verify(statistics(states));
    expect(code).toBe(1);
    expect(stderr).toContain("lb1: verify-haproxy: HAProxy does not see every API server up:\n");
    expect(stderr).toContain(lines);
  });
});
