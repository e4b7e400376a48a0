import { load } from "js-yaml";

import { kubeconfig } from "../../components/render/kubeconfig";
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
      CLUSTER_NAME: "prod",
      ENDPOINT: "api.example.com:6443",
      JOIN_CERTIFICATE: "the join certificate\n",
      JOIN_KEY: "the join credential\n",
    });

  it("gives a worker the CA's certificate and the join credential, for root alone", () => {
    expect(worker(caCertificate())).toEqual(succeeded);
    expect(keys()).toEqual(["ca.crt"]);
    expect(load(machine.read("/var/lib/kubeadm-ha/join.conf") ?? "")).toEqual(
      load(
        kubeconfig({
          clusterName: "prod",
          userName: "kubeadm-ha-joiner",
          endpoint: "api.example.com:6443",
          caCertificate: machine.read("/var/lib/kubeadm-ha/pki/ca.crt") ?? "",
          clientCertificate: "the join certificate\n",
          clientKey: "the join credential\n",
        }),
      ),
    );
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
      "CLUSTER_NAME",
      "ENDPOINT",
      "ADMIN_CERTIFICATE",
      "ADMIN_KEY",
      "JOIN_CERTIFICATE",
      "JOIN_KEY",
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
        CLUSTER_NAME: "prod",
        ENDPOINT: "api.example.com:6443",
        ADMIN_CERTIFICATE: "a",
        ADMIN_KEY: "a",
        JOIN_CERTIFICATE: "j",
        JOIN_KEY: "j",
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
