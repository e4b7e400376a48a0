import { libraryFiles, librarySteps } from "../../components/remote/program";
import type { Role, StepParameters } from "../../components/remote/steps";
import { containerdConfig, registryMirror } from "../../components/render/containerd";
import { FakeCluster } from "../support/fakeCluster";
import { Sandbox, type Outcome } from "../support/sandbox";

let machine: Sandbox;
const base = {
  CLUSTER_ID: "c1",
  GENERATION: "1",
  APT_SOURCE: "deb [signed-by=/etc/apt/keyrings/kubeadm-ha.asc] http://10.0.0.9/apt ./\n",
  APT_KEY: "the mirror's key",
  APT_KEY_URL: "",
  APT_MIRROR_ONLY: "yes",
  HOSTS_ENTRIES: "",
} as const;
const node: StepParameters["prepare-node"] = {
  ...base,
  HOST_NAME: "w1",
  ROLE: "worker",
  KUBERNETES_VERSION: "1.37.2",
  PACKAGES: "conntrack jq",
  CONTAINERD_PACKAGE: "containerd",
  CONTAINERD_CONFIG: containerdConfig({}),
  REGISTRY_MIRROR: registryMirror("http://10.0.0.9:5000"),
  IMAGES: "ghcr.io/flannel:v1",
  KUBEADM_IMAGES: "coredns|kube-proxy|pause",
};
const prepare = (more: Partial<StepParameters["prepare-node"]> = {}): Outcome =>
  machine.program("prepare-node", more.ROLE ?? "worker", { ...node, ...more });
const succeeded = { code: 0, stdout: "", stderr: "" };
/** apt's installations that were not only asked about. */
const installations = (): string[] =>
  machine.calls("apt-get").filter((call) => / install /.test(call) && !/--simulate/.test(call));

beforeEach(() => {
  machine = new Sandbox();
  new FakeCluster(machine);
  for (const name of ["apt-mark", "modprobe", "sysctl", "swapoff", "systemctl"]) machine.stub(name);
  // What is installed is remembered, so that a second run finds it.
  machine.stub(
    "apt-get",
    `all=$*
    wanted=$(printf "%s\\n" \${all#*--no-install-recommends } | sed "s/=.*//")
    case $all in
      *--simulate*) printf "Inst %s (1.0 Debian:12 [amd64])\\n" libdep $wanted; echo 'Inst base-files [1.0] (1.1)' ;;
      *--fix-broken*) rm -f /tmp/unfinished ;;
      *" install "*) printf "%s\\n" libdep $wanted >>/tmp/installed ;;
    esac`,
  );
  machine.stub("dpkg", "rm -f /var/lib/dpkg/updates/*");
  machine.stub(
    "dpkg-query",
    `touch /tmp/installed
    if [[ $* == *Abbrev* ]]; then
      sed 's/^/ii |/' /tmp/installed
      cat /tmp/unfinished 2>/dev/null || true
    elif grep -qxF -- "\${*: -1}" /tmp/installed; then echo installed; else exit 1; fi`,
  );
  machine.stub(
    "ctr",
    '[[ $* != *"images pull"* ]] || echo "${*: -1}" >>/tmp/images; [[ $* != *"images ls"* ]] || cat /tmp/images 2>/dev/null || true',
  );
  machine.proc("swaps", "Filename Type Size Used Priority\n");
  machine.proc("filesystems", "nodev\tproc\nnodev\toverlay\n");
  machine.write("/sys/module/br_netfilter/version", "");
});
afterEach(() => machine.remove());

describe("a node", () => {
  it("gets its marker, its library, its packages, its settings and its images", () => {
    expect(prepare()).toEqual(succeeded);
    expect(machine.read("/var/lib/kubeadm-ha/marker")).toBe("cluster=c1\nname=w1\nrole=worker\n");
    expect(machine.list("/.usr-local/lib/kubeadm-ha")).toEqual(
      [
        "run",
        "lib.sh",
        "changes.sh",
        "node.sh",
        ...librarySteps.worker.map((step) => `${step}.sh`),
      ].sort(),
    );
    expect(machine.mode("/.usr-local/lib/kubeadm-ha/run")).toBe("755");
    expect(machine.read("/etc/modules-load.d/kubeadm-ha.conf")).toBe("overlay\nbr_netfilter\n");
    expect(machine.read("/etc/sysctl.d/90-kubeadm-ha.conf")).toBe(
      "net.bridge.bridge-nf-call-iptables = 1\nnet.bridge.bridge-nf-call-ip6tables = 1\nnet.ipv4.ip_forward = 1\n",
    );
    expect(machine.calls("apt-mark")).toEqual(["apt-mark hold kubelet kubeadm kubectl"]);
    expect(machine.read("/tmp/images")?.trim().split("\n")).toEqual([
      "registry.k8s.io/kube-proxy:v1.37.2",
      "registry.k8s.io/coredns/coredns:v1.14.6",
      "registry.k8s.io/pause:3.10.2",
      "ghcr.io/flannel:v1",
    ]);
  });

  it("installs Kubernetes at the exact version", () => {
    prepare();
    const install = installations();
    expect(install).toHaveLength(1);
    expect(install[0]?.split("--no-install-recommends ")[1]).toBe(
      "conntrack jq containerd kubelet=1.37.2-* kubeadm=1.37.2-* kubectl=1.37.2-*",
    );
  });

  it("has containerd with kubeadm's own sandbox image and the mirror", () => {
    prepare();
    const config = machine.read("/etc/containerd/config.toml") ?? "";
    expect(config).toContain('sandbox_image = "registry.k8s.io/pause:3.10.2"');
    expect(config).not.toContain("@SANDBOX_IMAGE@");
    expect(machine.read("/etc/containerd/certs.d/_default/hosts.toml")).toBe(node.REGISTRY_MIRROR);
    expect(machine.calls("systemctl")).toContain("systemctl restart containerd");
  });

  it("is left alone by a second run", () => {
    prepare();
    machine.forget();
    expect(prepare()).toEqual(succeeded);
    expect(machine.calls("apt-get")).toEqual([]);
    const changing = machine
      .calls()
      .filter((call) => /restart|images pull|modprobe|swapoff/.test(call));
    expect(changing).toEqual([]);
  });

  it("does not restart containerd nor upgrade a package for another setting", () => {
    prepare();
    machine.forget();
    expect(prepare({ KUBERNETES_VERSION: "1.37.3", HOSTS_ENTRIES: "10.0.0.1 a\n" })).toEqual(
      succeeded,
    );
    expect(machine.calls("apt-get")).toEqual([]);
    expect(machine.calls().filter((call) => call.includes("restart"))).toEqual([]);
  });

  it("shows apt its mirror alone, or its own sources too", () => {
    prepare();
    for (const call of machine.calls("apt-get")) expect(call).toContain("Dir::Etc::sourceparts=-");
    machine.forget();
    machine.write("/tmp/installed", "");
    prepare({ APT_MIRROR_ONLY: "no" });
    expect(machine.calls("apt-get").length).toBeGreaterThan(0);
    for (const call of machine.calls("apt-get")) expect(call).not.toContain("Dir::Etc");
  });

  it("reads the package lists anew when the source changes, and only then", () => {
    prepare();
    const updates = (): number =>
      machine.calls("apt-get").filter((call) => call.endsWith(" update")).length;
    expect(updates()).toBe(1);
    machine.write("/tmp/installed", "");
    prepare();
    expect(updates()).toBe(1);
    machine.write("/tmp/installed", "");
    prepare({ APT_SOURCE: "deb http://10.0.0.8/apt ./\n" });
    expect(updates()).toBe(2);
  });
});

describe("packages", () => {
  const record = (): string[] =>
    (machine.read("/var/lib/kubeadm-ha/packages") ?? "").trim().split("\n");
  const named = ["conntrack", "containerd", "jq", "kubeadm", "kubectl", "kubelet"];

  it("and all that they bring are remembered for the teardown, but not what was there before", () => {
    prepare();
    expect([...new Set(record())].sort()).toEqual([...named, "libdep"]);
  });

  it("are remembered even where their installation dies half-way", () => {
    const apt = machine.read("/stubs/apt-get") ?? "";
    machine.write("/stubs/apt-get", apt.replace('*" install "*)', '*" install "*) exit 1;'), 0o755);
    expect(prepare().code).toBe(1);
    expect([...new Set(record())].sort()).toEqual([...named, "libdep"]);
  });

  it.each([
    ["was cut off while it wrote", "", "1"],
    ["left one unpacked", "iU |kubelet\n", undefined],
    ["left one half unpacked", "iHR|kubelet\n", undefined],
  ])("are ended first where dpkg %s", (_, unfinished, update) => {
    machine.write("/tmp/unfinished", unfinished);
    if (update !== undefined) machine.write("/var/lib/dpkg/updates/0001", update);
    expect(prepare()).toEqual(succeeded);
    expect(machine.calls("dpkg")).toEqual(["dpkg --configure -a --force-confdef --force-confold"]);
    expect(installations().map((call) => / install (\S+)/.exec(call)?.[1])).toEqual([
      "--fix-broken",
      "--no-install-recommends",
    ]);
    machine.forget();
    expect(prepare()).toEqual(succeeded);
    expect(machine.calls("dpkg")).toEqual([]);
    expect(machine.calls("apt-get")).toEqual([]);
  });
});

describe("a module", () => {
  it("is loaded where it is not there", () => {
    machine.proc("filesystems", "nodev\tproc\n");
    machine.stub("modprobe", "[[ $1 != overlay ]] || mkdir -p /sys/module/overlay");
    expect(prepare()).toEqual(succeeded);
    expect(machine.calls("modprobe")).toEqual(["modprobe overlay"]);
  });

  it("that is nowhere ends the step", () => {
    machine.run(["rm", "-r", "/sys/module/br_netfilter"], "");
    machine.stub("modprobe", "exit 1");
    const { code, stderr } = prepare();
    // What is built into this machine's own kernel shows in its /proc, which the sandbox cannot hide.
    const builtIn =
      machine.run(["test", "-e", "/proc/sys/net/bridge/bridge-nf-call-iptables"], "").code === 0;
    expect(code).toBe(builtIn ? 0 : 1);
    expect(stderr.includes("the kernel has no br_netfilter")).toBe(!builtIn);
  });
});

describe("swap", () => {
  it("is off, now and after a reboot, and other lines of fstab stay", () => {
    machine.write(
      "/etc/fstab",
      "/dev/sda1 / ext4 defaults 0 1\n/dev/sda2 none swap sw 0 0\n# /x none swap\n",
    );
    machine.proc("swaps", "Filename Type Size Used Priority\n/dev/sda2 partition 1 0 -2\n");
    expect(prepare()).toEqual(succeeded);
    expect(machine.read("/etc/fstab")).toBe(
      "/dev/sda1 / ext4 defaults 0 1\n#kubeadm-ha# /dev/sda2 none swap sw 0 0\n# /x none swap\n",
    );
    expect(machine.calls("swapoff")).toEqual(["swapoff -a"]);
    expect(prepare()).toEqual(succeeded);
    expect(machine.read("/etc/fstab")).not.toContain("#kubeadm-ha# #kubeadm-ha#");
  });

  it("that is not there is no reason to touch anything", () => {
    machine.write("/etc/fstab", "/dev/sda1 / ext4 defaults 0 1\n");
    prepare();
    expect(machine.calls("swapoff")).toEqual([]);
  });
});

describe("/etc/hosts", () => {
  const entries = (text: string): string | undefined => {
    prepare({ HOSTS_ENTRIES: text });
    return machine.read("/etc/hosts");
  };

  it("gets one block, which follows the stack file", () => {
    const own = "127.0.0.1 localhost\n";
    expect(entries("192.168.1.21 cp1\n")).toBe(
      `${own}# begin kubeadm-ha\n192.168.1.21 cp1\n# end kubeadm-ha\n`,
    );
    expect(entries("192.168.1.22 cp2\n")).toBe(
      `${own}# begin kubeadm-ha\n192.168.1.22 cp2\n# end kubeadm-ha\n`,
    );
    expect(entries("")).toBe(own);
  });
});

describe("the library", () => {
  const library = "/.usr-local/lib/kubeadm-ha";
  const script = (name: string): string => `${library}/${name}`;

  it("has no script of another version or role, and keeps what is no script", () => {
    for (const name of ["cluster.sh", "lib.sh.Ab3xYz", "check-balancer"])
      machine.write(script(name), "of before");
    expect(prepare()).toEqual(succeeded);
    expect(machine.list(library)).toEqual(
      ["check-balancer", ...libraryFiles("worker").map(({ name }) => name)].sort(),
    );
  });

  it("is not written where it is as it should be", () => {
    prepare();
    const inside = machine.list(library).map((name) => `/usr/local/lib/kubeadm-ha/${name}`);
    machine.run(["touch", "-d", "2001-01-01", ...inside], "");
    const times = (): string => machine.run(["stat", "-c", "%n %Y", ...inside], "").stdout;
    const before = times();
    expect(prepare()).toEqual(succeeded);
    expect(times()).toBe(before);
    machine.write(script("lib.sh"), "another");
    expect(prepare()).toEqual(succeeded);
    expect(times()).not.toBe(before);
    expect(machine.read(script("lib.sh"))).toBe(libraryFiles("worker")[0]?.text);
  });

  it("cannot be run while it is of two versions", () => {
    prepare();
    machine.write(script("changes.sh"), "of before");
    machine.stub("mv", '[[ $* != */teardown.sh ]] || exit 1\nexec /usr/bin/mv "$@"');
    machine.write(script("teardown.sh"), "of before");
    expect(prepare().code).toBe(1);
    expect(machine.has(script("run"))).toBe(false);
    machine.run(["/usr/bin/rm", "/stubs/mv"], "");
    expect(prepare()).toEqual(succeeded);
    expect(machine.mode(script("run"))).toBe("755");
  });
});

describe("whose the host is", () => {
  it("is looked at again before anything is written", () => {
    machine.write("/var/lib/kubeadm-ha/marker", "cluster=c9\nname=w1\nrole=worker\n");
    const { code, stderr } = prepare();
    expect(code).toBe(1);
    expect(stderr).toContain(
      "w1: prepare-node: this machine belongs to someone else: c9 w1 worker\n",
    );
    expect(machine.calls().filter((call) => !call.startsWith("dpkg"))).toEqual([]);
    expect(machine.has("/.usr-local/lib/kubeadm-ha")).toBe(false);
  });
});

describe("a package source", () => {
  const advice =
    /\n {2}what to do: see that the package source answers and has its files whole \(\/etc\/apt\/sources\.list\.d\/kubeadm-ha\.list on the host\), then run `pulumi up` again; /;
  /** Lets apt-get fail for good in one of its works. */
  const failing = (work: string, says: string): void =>
    machine.stub(
      "apt-get",
      `[[ $* != *--simulate* && $* == *" ${work}"* ]] || exit 0\necho "E: ${says}" >&2\nexit 100`,
    );

  it("that has a file no longer, or a corrupt one, is told with what apt said", () => {
    failing("install", "Failed to fetch http://10.0.0.9/apt/jq.deb  Hash Sum mismatch");
    const { code, stderr } = prepare();
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^w1: prepare-node: not all of these can be installed: conntrack jq .*:\n {4}E: Failed to fetch http:\/\/10\.0\.0\.9\/apt\/jq\.deb {2}Hash Sum mismatch\n/,
    );
    expect(stderr).toMatch(advice);
  });

  it("that does not answer is an error, not a warning", () => {
    failing("update", "Failed to fetch http://10.0.0.9/apt/InRelease  Could not connect");
    const { code, stderr } = prepare();
    expect(code).toBe(1);
    expect(stderr).toMatch(/^w1: prepare-node: the package lists cannot be read:\n.*connect\n/);
    expect(stderr).toMatch(advice);
    expect(machine.calls("apt-get")).toEqual([expect.stringContaining("Error-Mode=any update")]);
  });

  it("has its lists read anew after an installation that failed: they may lead to what is gone", () => {
    const works = machine.read("/stubs/apt-get") ?? "";
    failing("install", "404  Not Found");
    expect(prepare().code).toBe(1);
    machine.write("/stubs/apt-get", works, 0o755);
    machine.forget();
    expect(prepare()).toEqual(succeeded);
    expect(machine.calls("apt-get").filter((call) => call.endsWith(" update"))).toHaveLength(1);
  });
});

it("an image that cannot be pulled is told with what containerd said, and where it is looked for", () => {
  machine.stub(
    "ctr",
    '[[ $* != *"images pull"*coredns* ]] || { echo "ctr: failed commit: unexpected commit digest"; exit 1; }',
  );
  const { code, stderr } = prepare();
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /^w1: prepare-node: the image registry\.k8s\.io\/coredns\/coredns:v1\.14\.6 cannot be pulled:\n {4}ctr: failed commit: unexpected commit digest\n {2}what to do: see that the mirror \(mirror\.images\) answers and has it whole, then run `pulumi up` again; /,
  );
  expect(prepare({ REGISTRY_MIRROR: "" }).stderr).toContain("see that its registry answers and");
});

it("a containerd configuration that was there before is kept for the teardown", () => {
  machine.write("/etc/containerd/config.toml", "# the user's own\n");
  prepare();
  prepare();
  expect(machine.read("/etc/containerd/config.toml.before-kubeadm-ha")).toBe("# the user's own\n");
});

describe("a balancer", () => {
  const balance = (): Outcome =>
    machine.program("prepare-balancer", "load-balancer", {
      ...base,
      HOST_NAME: "lb1",
      ROLE: "load-balancer" satisfies Role,
      PACKAGES: "haproxy socat",
      SERVICES: "haproxy",
    });

  it("gets HAProxy, which does not start with its package's configuration", () => {
    expect(balance()).toEqual(succeeded);
    const calls = machine
      .calls()
      .filter((call) => /systemctl|apt-get .* install/.test(call) && !/--simulate/.test(call));
    expect(calls.map((call) => call.replace(/apt-get.* install/, "apt-get install"))).toEqual([
      "systemctl mask --runtime haproxy",
      "apt-get install --no-install-recommends haproxy socat",
      "systemctl unmask --runtime haproxy",
    ]);
  });

  it("is not masked again while it works", () => {
    balance();
    machine.forget();
    expect(balance()).toEqual(succeeded);
    expect(machine.calls().some((call) => call.includes(" mask "))).toBe(false);
  });
});
