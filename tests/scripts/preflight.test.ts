import { readdirSync } from "node:fs";

import type { StepParameters } from "../../components/remote/steps";
import { Sandbox, type Outcome } from "../support/sandbox";

let machine: Sandbox;
const parameters: StepParameters["preflight"] = {
  HOST_NAME: "cp1",
  ADDRESS: "127.0.0.1",
  ROLE: "control-plane",
  CLUSTER_ID: "c1",
  GENERATION: "1",
  PORTS: "6443 2379 10250",
  MINIMUM_CPUS: "2",
  MINIMUM_MEMORY_MIB: "1700",
  MINIMUM_DISK_MIB: "4096",
};
const preflight = (more: Partial<StepParameters["preflight"]> = {}): Outcome =>
  machine.program("preflight", "control-plane", { ...parameters, ...more });
/** What is wrong with the host, without the line in front. */
const findings = (more: Partial<StepParameters["preflight"]> = {}): string[] => {
  const { code, stdout, stderr } = preflight(more);
  expect([code, stdout]).toEqual([1, ""]);
  const [head, ...lines] = stderr.trimEnd().split("\n");
  expect(head).toBe("cp1: not fit to be a control-plane; nothing was changed:");
  return lines.map((line) => line.replace(/^ {2}- /, ""));
};
const marker = (cluster: string, name: string, role: string): void =>
  machine.write("/var/lib/kubeadm-ha/marker", `cluster=${cluster}\nname=${name}\nrole=${role}\n`);

beforeEach(() => {
  machine = new Sandbox();
  machine.stub("nproc", "echo 2");
  machine.stub("df", "printf 'Avail\\n 8000\\n'");
  machine.proc("meminfo", "MemTotal:        4194304 kB\nMemFree: 1 kB\n");
});
afterEach(() => machine.remove());

it("lets a host pass that is fit", () => {
  expect(preflight()).toEqual({ code: 0, stdout: "", stderr: "" });
});

it("changes nothing: not even a log or a lock is left on the host", () => {
  const files = (): string[] =>
    readdirSync(machine.root, { recursive: true, encoding: "utf8" }).filter(
      (path) => path !== "stubs/calls",
    );
  const before = files();
  preflight();
  preflight({ ADDRESS: "10.9.9.9" });
  expect(files()).toEqual(before);
});

it.each(["debian 12", "ubuntu 22.04", "ubuntu 24.04"])("takes %s", (system) => {
  const [id, version] = system.split(" ");
  machine.write("/etc/os-release", `NAME="x"\nID=${id}\nVERSION_ID="${version}"\n`);
  expect(preflight().code).toBe(0);
});

it("tells everything that is wrong at once", () => {
  machine.write("/etc/os-release", "ID=arch\n");
  machine.run(["rmdir", "/run/systemd/system"], "");
  machine.stub("uname", "echo riscv64");
  machine.stub("nproc", "echo 1");
  machine.stub("df", "printf 'Avail\\n  100\\n'");
  machine.proc("meminfo", "MemTotal:         524288 kB\n");
  machine.write("/etc/kubernetes/kubelet.conf", "");
  machine.listen("127.0.0.1", 6443);
  machine.listen("127.0.0.1", 10250);
  expect(findings({ ADDRESS: "10.9.9.9" })).toEqual([
    "runs arch ; supported are Debian 12, Ubuntu 22.04 and 24.04",
    "has a riscv64 processor; supported are x86_64 and aarch64",
    "is not run by systemd",
    "has 1 CPU; a control-plane needs 2",
    "has 512 MiB of memory; a control-plane needs 1700",
    "has 100 MiB free in /var/lib; a control-plane needs 4096",
    expect.stringMatching(/^has no interface with the address 10\.9\.9\.9; it has /),
    "already has a Kubernetes that kubeadm-ha did not make; remove it first: kubeadm reset",
    "already has a program that listens on port 6443",
    "already has a program that listens on port 10250",
  ]);
});

describe("whose the host is", () => {
  it("does not matter where it is this very host's, and its ports may be in use", () => {
    marker("c1", "cp1", "control-plane");
    machine.write("/etc/kubernetes/kubelet.conf", "");
    machine.listen("127.0.0.1", 6443);
    expect(preflight()).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  it("is told where it is another cluster's", () => {
    marker("c9", "node7", "worker");
    expect(findings()).toEqual([
      "belongs to another cluster of kubeadm-ha (id c9, host node7); run `pulumi destroy` on that stack, or restore its state if this is the same stack",
    ]);
  });

  it.each([
    ["name", "cp2", "control-plane"],
    ["role", "cp1", "worker"],
  ])("is told where it is another %s of this cluster", (_, name, role) => {
    marker("c1", name, role);
    expect(findings()).toEqual([
      `is ${name}, a ${role} of this cluster; remove that entry in one \`pulumi up\` and add this one in the next`,
    ]);
  });

  it("is nobody's where somebody ran kubeadm by hand", () => {
    machine.write("/etc/kubernetes/manifests/etcd.yaml", "");
    expect(findings()).toHaveLength(1);
  });
});

it("sees a port in use at any address, and no other port", () => {
  machine.listen("127.0.0.1", 2379);
  machine.listen("127.0.0.1", 9999);
  expect(findings()).toEqual(["already has a program that listens on port 2379"]);
});

it("looks at a host without IPv6 too", () => {
  // The kernel has no /proc/net/tcp6 then: whoever opens it fails.
  for (const name of ["awk", "cat"]) {
    machine.stub(
      name,
      `[[ $* == */proc/net/tcp6* ]] || exec /usr/bin/${name} "$@"
      /usr/bin/${name} "\${@/#*tcp6/\/nothing}"`,
    );
  }
  machine.listen("127.0.0.1", 6443);
  expect(findings()).toEqual(["already has a program that listens on port 6443"]);
});
