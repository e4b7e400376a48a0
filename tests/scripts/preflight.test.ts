import { readdirSync } from "node:fs";

import { clockWarning } from "../../components/remote/clockHook";
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
  REACH: "",
  DOUBTS: "",
};
const preflight = (more: Partial<StepParameters["preflight"]> = {}): Outcome =>
  machine.program("preflight", "control-plane", { ...parameters, ...more });
/** What is wrong with the host, without the line in front. */
const findings = (more: Partial<StepParameters["preflight"]> = {}): string[] => {
  const { code, stdout, stderr } = preflight(more);
  // 1 would be sudo's.
  expect([code, stdout]).toEqual([3, ""]);
  const [head, ...lines] = stderr.trimEnd().split("\n");
  expect(head).toBe("cp1: not fit for its role, control-plane; nothing was changed:");
  return lines.map((line) => line.replace(/^ {2}- /, ""));
};
const marker = (cluster: string, name: string, role: string): void =>
  machine.write("/var/lib/kubeadm-ha/marker", `cluster=${cluster}\nname=${name}\nrole=${role}\n`);

beforeEach(() => {
  machine = new Sandbox();
  machine.stub("nproc", "echo 2");
  machine.stub("df", "printf 'Avail\\n 8000\\n'");
  machine.stub("uname", "[[ $1 == -n ]] && echo vm1 || echo x86_64");
  machine.stub("systemd-detect-virt", "exit 1");
  machine.stub("timedatectl", "echo yes");
  machine.write("/etc/machine-id", "0123456789abcdef0123456789abcdef\n");
  machine.proc("meminfo", "MemTotal:        4194304 kB\nMemFree: 1 kB\n");
  machine.proc("swaps", "Filename Type Size Used Priority\n");
});
afterEach(() => machine.remove());

it("lets a host pass that is fit", () => {
  expect(preflight()).toMatchObject({ code: 0, stderr: "" });
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
    "runs arch; supported are Debian 12, Ubuntu 22.04 and 24.04",
    "has a riscv64 processor; supported are x86_64 and aarch64",
    "is not run by systemd",
    "has 1 CPU; its role, control-plane, needs 2",
    "has 512 MiB of memory; its role, control-plane, needs 1700",
    "has 100 MiB free in /var/lib; its role, control-plane, needs 4096",
    expect.stringMatching(/^has no interface with the address 10\.9\.9\.9; it has /),
    "already has a Kubernetes that kubeadm-ha did not make; remove it first: kubeadm reset",
    expect.stringMatching(
      /^already has a program that listens on port 6443(: perl, process \d+)?$/,
    ),
    expect.stringMatching(
      /^already has a program that listens on port 10250(: perl, process \d+)?$/,
    ),
  ]);
});

describe("whose the host is", () => {
  it("does not matter where it is this very host's, and its ports may be in use", () => {
    marker("c1", "cp1", "control-plane");
    machine.write("/etc/kubernetes/kubelet.conf", "");
    machine.listen("127.0.0.1", 6443);
    expect(preflight()).toMatchObject({ code: 0, stderr: "" });
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
      `is ${name} (${role}) of this cluster; remove that entry in one \`pulumi up\` and add this one in the next`,
    ]);
  });

  it.each(["manifests/etcd.yaml", "kubelet.conf", "admin.conf", "pki/ca.crt"])(
    "is somebody else's where there is /etc/kubernetes/%s",
    (file) => {
      machine.write(`/etc/kubernetes/${file}`, "");
      expect(findings()).toEqual([expect.stringMatching(/^already has a Kubernetes/)]);
    },
  );

  // What an interrupted join or a teardown would delete.
  it.each(["etcd", "control-plane", "worker"] as const)(
    "is somebody else's where there are etcd's data, for the role %s",
    (role) => {
      machine.write("/var/lib/etcd/member/snap/db", "");
      expect(preflight({ ROLE: "load-balancer" }).code).toBe(0);
      const { code, stderr } = preflight({ ROLE: role });
      expect([code, stderr]).toEqual([
        3,
        expect.stringContaining("the data of an etcd that kubeadm-ha did not make"),
      ]);
      marker("c1", "cp1", role);
      expect(preflight({ ROLE: role }).code).toBe(0);
    },
  );

  it.each(["kubelet", "docker-compose.yml"])("is nobody's where there is only %s", (file) => {
    machine.write(`/etc/kubernetes/${file}`, "");
    expect(preflight().code).toBe(0);
  });
});

it("sees a port in use at any address, and no other port", () => {
  machine.listen("127.0.0.1", 2379);
  machine.listen("127.0.0.1", 9999);
  expect(findings()).toEqual([
    expect.stringMatching(
      /^already has a program that listens on port 2379(: perl, process \d+)?$/,
    ),
  ]);
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
  expect(findings()).toEqual([
    expect.stringMatching(
      /^already has a program that listens on port 6443(: perl, process \d+)?$/,
    ),
  ]);
});

it("names the program that has a port", () => {
  machine.stub(
    "ss",
    `echo 'LISTEN 0 5 *:6443 *:* users:(("nginx",pid=17,fd=3),("nginx",pid=16,fd=3))'`,
  );
  machine.listen("127.0.0.1", 6443);
  expect(findings()).toEqual([
    "already has a program that listens on port 6443: nginx, process 17",
  ]);
});

describe("disks", () => {
  beforeEach(() => {
    machine.stub("mountpoint", "[[ $2 == /var/lib/etcd || $2 == /var/lib/containerd ]]");
    machine.stub("df", `[[ $* == */var/lib ]] && echo 8000 || echo 100`);
  });

  it("of etcd's and containerd's own are looked at too", () => {
    expect(findings()).toEqual([
      "has 100 MiB free in /var/lib/containerd; its role, control-plane, needs 4096",
      "has 100 MiB free in /var/lib/etcd; its role, control-plane, needs 2048",
    ]);
  });

  it("do not matter where the role does not use them, nor on a host that is ours and has filled them", () => {
    expect(preflight({ ROLE: "load-balancer" }).code).toBe(0);
    marker("c1", "cp1", "control-plane");
    expect(preflight().code).toBe(0);
  });
});

describe("swap", () => {
  it("that a service of its own turns on again is told, on nodes only", () => {
    machine.proc("swaps", "Filename Type Size Used Priority\n/dev/zram0 partition 100 0 100\n");
    expect(findings()).toEqual([expect.stringContaining("has swap on /dev/zram0")]);
    expect(preflight({ ROLE: "etcd" }).code).toBe(0);
  });

  it("from /etc/fstab is what prepare turns off, but for what something else turns on beside it", () => {
    const lines = "Filename Type Size Used Priority\n/dev/sda2 partition 100 0 -2\n";
    machine.proc("swaps", lines);
    machine.write("/etc/fstab", "UUID=1 / ext4 defaults 0 1\nUUID=2 none swap sw 0 0\n");
    expect(preflight().code).toBe(0);
    machine.proc("swaps", `${lines}/dev/zram0 partition 100 0 100\n`);
    expect(findings()).toEqual([expect.stringContaining("has swap on /dev/zram0")]);
  });

  it("that /etc/fstab does not know would be back after a reboot", () => {
    machine.proc("swaps", "Filename Type Size Used Priority\n/dev/sda2 partition 100 0 -2\n");
    machine.write("/etc/fstab", "UUID=1 / ext4 defaults 0 1\n#UUID=2 none swap sw 0 0\n");
    expect(findings()).toEqual([expect.stringContaining("has swap on /dev/sda2")]);
  });
});

describe("the way to the endpoint", () => {
  it("is there where something answers, and where nothing listens yet", () => {
    machine.listen("127.0.0.2", 7443);
    expect(preflight({ REACH: "127.0.0.2 7443" }).code).toBe(0);
    expect(preflight({ REACH: "127.0.0.2 7444" }).code).toBe(0);
  });

  it("is missed where there is no route", () => {
    expect(findings({ REACH: "10.9.9.9 6443" })).toEqual([
      "does not reach the API's endpoint 10.9.9.9 port 6443: Network is unreachable; see to routes and packet filters between them",
    ]);
    expect(findings({ DOUBTS: "peer 10.9.9.9 the API's endpoint\n" })).toEqual([
      "has no route to the API's endpoint, 10.9.9.9; give it one",
    ]);
  });

  it("is missed where packets vanish, in bounded time", () => {
    machine.stub("timeout", '[[ $1 == 8 ]] && exit 124; exec /usr/bin/timeout "$@"');
    expect(findings({ REACH: "127.0.0.2 6443" })).toEqual([
      expect.stringContaining("no answer in 8 s"),
    ]);
  });

  it("is not asked for on a host that has joined", () => {
    marker("c1", "cp1", "control-plane");
    expect(preflight({ REACH: "10.9.9.9 6443" }).code).toBe(0);
  });
});

describe("what tells a machine from others", () => {
  it("is printed, the confidential parts as digests", () => {
    const { stdout } = preflight();
    expect(stdout).toMatch(
      /^machine-id [0-9a-f]{32}\n(product_uuid [0-9a-f]{32}\n)?hostname vm1\n$/,
    );
    expect(stdout).not.toContain("0123456789abcdef");
    machine.write("/etc/machine-id", "1123456789abcdef0123456789abcdef\n");
    expect(preflight().stdout).not.toBe(stdout);
  });

  it("is told where another host has it", () => {
    const taken = preflight()
      .stdout.split("\n")
      .filter((line) => !line.startsWith("product_uuid"))
      .map((line) => `${line} cp9\n`)
      .join("");
    expect(findings({ DOUBTS: taken })).toEqual([
      "has the same machine-id as cp9, so one is a clone of the other; give it its own and reboot: rm /etc/machine-id && systemd-machine-id-setup",
      "has the same hostname as cp9; give it its own: hostnamectl set-hostname cp1",
    ]);
  });

  it("is nobody's trouble where another host has something else", () => {
    expect(preflight({ DOUBTS: "hostname vm2 cp9\nmachine-id 00 cp9\n" }).code).toBe(0);
  });
});

describe("routes to peers", () => {
  /** `ip` says this of all routes, and knows none to addresses that begin with 10.7. */
  const routes = (...shown: string[]): void =>
    machine.stub(
      "ip",
      `case "$*" in
        "-4 route show") printf '%s\\n' ${shown.map((line) => `'${line}'`).join(" ")} ;;
        "-4 route get 10.7."*) exit 2 ;;
        "-4 route get "*) ;;
        *) exec /usr/sbin/ip "$@" ;;
      esac`,
    );
  const printed = (): string[] =>
    preflight()
      .stdout.split("\n")
      .filter((line) => line.includes("route"));

  it("are no matter where there is a default route", () => {
    routes("default via 10.0.0.1 dev eth0", "10.0.0.0/24 dev eth0 proto kernel");
    expect(printed()).toEqual([]);
  });

  it("are told where there is none, and so is what leads nowhere", () => {
    routes(
      "unreachable default",
      "10.0.0.0/24 dev eth0",
      "10.1.2.3 via 10.0.0.1",
      "prohibit 10.9.9.9",
    );
    expect(printed()).toEqual([
      "no-route default",
      "no-route 10.9.9.9",
      "route 10.0.0.0/24",
      "route 10.1.2.3",
    ]);
    routes("blackhole 10.9.0.0/16", "default proto static", "\tnexthop via 10.0.0.1 dev eth0");
    expect(printed()).toEqual(["no-route 10.9.0.0/16"]);
  });

  it("are not told of a member, which has those of pods", () => {
    routes("10.0.0.0/24 dev eth0", "10.244.1.0/24 via 10.244.1.0 dev flannel.1");
    marker("c1", "cp1", "control-plane");
    expect(printed()).toEqual([]);
  });

  it("are looked for where the gate doubts them", () => {
    routes("10.0.0.0/24 dev eth0");
    expect(preflight({ DOUBTS: "peer 10.0.0.12 cp2\n" }).code).toBe(0);
    expect(findings({ DOUBTS: "peer 10.0.0.12 cp2\npeer 10.7.0.1 w1\n" })).toEqual([
      "has no route to w1, 10.7.0.1; give it one",
    ]);
  });
});

it("tells of a clock that nothing synchronises, and passes", () => {
  expect(clockWarning("cp1-preflight", preflight().stdout)).toBeUndefined();
  machine.stub("timedatectl", "echo no");
  const { code, stdout } = preflight();
  expect(code).toBe(0);
  expect(clockWarning("cp1-preflight", stdout)).toMatch(
    /^cp1: preflight: nothing synchronises this host's clock.*\n {2}what to do: .*chrony/,
  );
  machine.stub("systemd-detect-virt");
  expect(clockWarning("cp1-preflight", preflight().stdout)).toBeUndefined();
  machine.stub("systemd-detect-virt", "exit 1");
  machine.stub("timedatectl", "exit 1");
  expect(clockWarning("cp1-preflight", preflight().stdout)).toBeUndefined();
});
