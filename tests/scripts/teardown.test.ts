import type { Role, StepParameters } from "../../components/remote/steps";
import { Sandbox, type Outcome } from "../support/sandbox";

let machine: Sandbox;
const ours = {
  HOST_NAME: "cp1",
  ROLE: "control-plane",
  CLUSTER_ID: "c1",
  LOGIN_USER: "admin",
} as const;
const teardown = (more: Partial<StepParameters["teardown"]> = {}): Outcome =>
  machine.program("teardown", more.ROLE ?? ours.ROLE, { ...ours, ...more });
const succeeded = { code: 0, stdout: "", stderr: "" };
const marker = (cluster: string, name: string, role: Role): void =>
  machine.write("/var/lib/kubeadm-ha/marker", `cluster=${cluster}\nname=${name}\nrole=${role}\n`);

/** A control plane of ours, as the other steps leave it. */
function controlPlane(): void {
  marker("c1", "cp1", "control-plane");
  machine.write("/var/lib/kubeadm-ha/pki/ca.crt", "our CA\n");
  machine.write("/var/lib/kubeadm-ha/packages", "containerd\nkubelet\nkubeadm\njq\njq\n");
  machine.write("/usr-local-is-elsewhere", "");
  machine.write("/.usr-local/lib/kubeadm-ha/run", "");
  machine.write("/etc/kubernetes/admin.conf", "admin");
  machine.write("/etc/kubernetes/manifests/etcd.yaml", "etcd");
  machine.write("/var/lib/etcd/member/wal/0", "data");
  machine.write("/var/lib/kubelet/config.yaml", "");
  machine.write("/etc/cni/net.d/10-flannel.conflist", "");
  machine.write("/opt/cni/bin/flannel", "");
  machine.write("/etc/modules-load.d/kubeadm-ha.conf", "");
  machine.write("/etc/sysctl.d/90-kubeadm-ha.conf", "");
  machine.write(
    "/etc/fstab",
    "/dev/sda1 / ext4 defaults 0 1\n#kubeadm-ha# /dev/sda2 none swap sw 0 0\n",
  );
  machine.write(
    "/etc/hosts",
    "127.0.0.1 localhost\n# begin kubeadm-ha\n192.168.1.21 cp1\n# end kubeadm-ha\n",
  );
  machine.write("/etc/containerd/config.toml", "# Written by kubeadm-ha.\n");
  machine.write("/etc/containerd/config.toml.before-kubeadm-ha", "# the user's own\n");
  machine.write("/etc/containerd/certs.d/_default/hosts.toml", "# Written by kubeadm-ha.\n");
  machine.write("/etc/apt/sources.list.d/kubeadm-ha.list", "deb …\n");
  machine.write("/etc/apt/keyrings/kubeadm-ha.asc", "key\n");
  machine.write("/home/admin/.kube/config", `ca: ${Buffer.from("our CA\n").toString("base64")}\n`);
}

beforeEach(() => {
  machine = new Sandbox();
  for (const name of ["systemctl", "apt-mark", "swapon", "kubeadm", "umount", "ctr", "nft"])
    machine.stub(name);
  machine.stub(
    "apt-get",
    '[[ $* != *simulate* ]] || printf "Remv %s\\n" containerd kubelet kubeadm libc-extra jq',
  );
  machine.stub("ip");
  for (const table of ["iptables", "ip6tables"]) {
    machine.stub(
      `${table}-save`,
      "printf '*filter\\n:KUBE-SERVICES - [0:0]\\n-A INPUT -j KUBE-SERVICES\\n-A INPUT -j MINE\\nCOMMIT\\n'",
    );
    machine.stub(`${table}-restore`, "cat >>/tmp/restored");
  }
});
afterEach(() => machine.remove());

describe("a host of ours", () => {
  beforeEach(() => {
    controlPlane();
    expect(teardown()).toEqual(succeeded);
  });

  it("keeps nothing of what the product put there", () => {
    for (const path of [
      "/var/lib/kubeadm-ha",
      "/.usr-local/lib/kubeadm-ha",
      "/var/log/kubeadm-ha",
      "/etc/apt/sources.list.d/kubeadm-ha.list",
      "/etc/apt/keyrings/kubeadm-ha.asc",
      "/etc/modules-load.d/kubeadm-ha.conf",
      "/etc/sysctl.d/90-kubeadm-ha.conf",
      "/etc/kubernetes/manifests",
      "/etc/containerd/certs.d/_default",
      "/opt/cni/bin/flannel",
      "/home/admin/.kube",
    ]) {
      expect([path, machine.has(path)]).toEqual([path, false]);
    }
    // Their folders may be mount points: they stay, empty.
    for (const path of ["/var/lib/etcd", "/var/lib/kubelet"])
      expect(machine.list(path)).toEqual([]);
  });

  it("gets back what was there before", () => {
    expect(machine.read("/etc/containerd/config.toml")).toBe("# the user's own\n");
    expect(machine.read("/etc/hosts")).toBe("127.0.0.1 localhost\n");
    expect(machine.read("/etc/fstab")).toBe(
      "/dev/sda1 / ext4 defaults 0 1\n/dev/sda2 none swap sw 0 0\n",
    );
    expect(machine.calls("swapon")).toEqual(["swapon -a"]);
  });

  it("is reset by kubeadm, which can reach no cluster: its administrator's kubeconfig went first", () => {
    expect(machine.calls("kubeadm")).toEqual([
      "kubeadm reset --force --cri-socket unix:///run/containerd/containerd.sock",
    ]);
    expect(machine.calls().filter((call) => /^kubectl|etcdctl/.test(call))).toEqual([]);
  });

  it("loses the packages that came with the product and that nothing else needs", () => {
    const purge = machine.calls("apt-get").filter((call) => call.includes(" purge "));
    expect(purge).toHaveLength(1);
    expect(purge[0]?.split(" purge ")[1]?.split(" ").sort()).toEqual([
      "containerd",
      "jq",
      "kubeadm",
      "kubelet",
    ]);
  });

  it("keeps the packet filter's rules of others", () => {
    const rules = machine.read("/tmp/restored") ?? "";
    expect(rules).toContain("-A INPUT -j MINE");
    expect(rules).not.toContain("KUBE");
  });

  it("is a clean host: again changes nothing", () => {
    machine.forget();
    expect(teardown()).toEqual(succeeded);
    expect(machine.calls()).toEqual([]);
  });
});

describe("a host that is not ours", () => {
  it.each([
    ["another cluster's", "c9", "cp1", "control-plane"],
    ["another host's name", "c1", "cp2", "control-plane"],
    ["another role", "c1", "cp1", "worker"],
  ] as const)("is left as it is: %s", (_, cluster, name, role) => {
    controlPlane();
    marker(cluster, name, role);
    expect(teardown()).toEqual(succeeded);
    expect(machine.calls()).toEqual([]);
    expect(machine.read("/etc/kubernetes/admin.conf")).toBe("admin");
    expect(machine.read("/var/lib/etcd/member/wal/0")).toBe("data");
    expect(machine.read("/var/lib/kubeadm-ha/marker")).toContain(`name=${name}`);
  });

  it("is left as it is: no marker", () => {
    controlPlane();
    machine.run(["rm", "/var/lib/kubeadm-ha/marker"], "");
    expect(teardown()).toEqual(succeeded);
    expect(machine.calls()).toEqual([]);
    expect(machine.read("/etc/kubernetes/admin.conf")).toBe("admin");
  });
});

describe("a half-made host", () => {
  it("with a marker and nothing else is clean afterwards", () => {
    marker("c1", "cp1", "control-plane");
    machine.run(["rm", "/stubs/kubeadm", "/stubs/ctr"], "");
    expect(teardown()).toEqual(succeeded);
    expect(machine.has("/var/lib/kubeadm-ha")).toBe(false);
  });

  it("is cleaned as far as that goes where commands fail", () => {
    controlPlane();
    for (const name of ["systemctl", "apt-mark", "kubeadm", "umount", "apt-get"])
      machine.stub(name, "exit 1");
    expect(teardown()).toEqual(succeeded);
    expect(machine.has("/var/lib/kubeadm-ha")).toBe(false);
    expect(machine.list("/var/lib/etcd")).toEqual([]);
  });

  it("keeps another cluster's kubeconfig, and does not mind a login user who is gone", () => {
    controlPlane();
    machine.write("/home/admin/.kube/config", "ca: another\n");
    expect(teardown()).toEqual(succeeded);
    expect(machine.read("/home/admin/.kube/config")).toBe("ca: another\n");
    controlPlane();
    expect(teardown({ LOGIN_USER: "nobody-any-more" })).toEqual(succeeded);
    expect(machine.has("/var/lib/kubeadm-ha")).toBe(false);
  });
});

it("a balancer gets back its own configuration, and keeps what is Kubernetes'", () => {
  marker("c1", "lb1", "load-balancer");
  machine.write("/etc/haproxy/haproxy.cfg", "# Written by kubeadm-ha; …\n");
  machine.write("/etc/haproxy/haproxy.cfg.before-kubeadm-ha", "# the package's\n");
  machine.write("/etc/keepalived/keepalived.conf", "# Written by kubeadm-ha; …\n");
  machine.write("/etc/keepalived/kubeadm-ha.nft", "table …\n");
  machine.write("/etc/systemd/system/haproxy.service.d/kubeadm-ha.conf", "[Service]\n");
  machine.write("/etc/systemd/system/nginx.service.d/kubeadm-ha.conf", "[Service]\n");
  machine.write("/etc/systemd/system/nginx.service.d/the-users.conf", "[Service]\n");
  machine.write("/etc/kubernetes/somebody-elses", "");
  expect(teardown({ HOST_NAME: "lb1", ROLE: "load-balancer" })).toEqual(succeeded);
  const disabled = machine.calls("systemctl").filter((call) => call.includes(" disable "));
  expect(disabled).toEqual([
    "systemctl disable --now keepalived",
    "systemctl disable --now haproxy",
    "systemctl disable --now nginx",
  ]);
  expect(machine.list("/etc/haproxy")).toEqual(["haproxy.cfg"]);
  expect(machine.read("/etc/haproxy/haproxy.cfg")).toBe("# the package's\n");
  expect(machine.has("/etc/keepalived/keepalived.conf")).toBe(false);
  expect(machine.has("/etc/keepalived/kubeadm-ha.nft")).toBe(false);
  expect(machine.list("/etc/systemd/system")).toEqual(["nginx.service.d"]);
  expect(machine.list("/etc/systemd/system/nginx.service.d")).toEqual(["the-users.conf"]);
  expect(machine.has("/etc/kubernetes/somebody-elses")).toBe(true);
  expect(machine.has("/var/lib/kubeadm-ha")).toBe(false);
});

describe("an etcd host", () => {
  const etcd = (): Outcome => teardown({ HOST_NAME: "etcd1", ROLE: "etcd" });
  beforeEach(() => {
    marker("c1", "etcd1", "etcd");
    machine.stub("userdel");
    machine.write("/etc/systemd/system/etcd.service", "# Written by kubeadm-ha; …\n");
    machine.write("/etc/etcd/etcd.env", "ETCD_NAME=etcd1\n");
    machine.write("/etc/etcd/pki/server.key", "key\n");
    machine.write("/opt/etcd/v3.7.3/etcd", "");
    machine.run(["ln", "-s", "/opt/etcd/v3.7.3/etcdctl", "/usr/local/bin/etcdctl"], "");
    machine.write("/var/lib/etcd/member/wal/0.wal", "data\n");
  });

  it("loses its data, so that a later cluster is a new one, its programs and its keys", () => {
    machine.write("/var/lib/kubeadm-ha/etcd-user", "");
    expect(etcd()).toEqual(succeeded);
    for (const path of [
      "/var/lib/etcd",
      "/etc/etcd",
      "/opt/etcd",
      "/etc/systemd/system/etcd.service",
    ])
      expect([path, machine.has(path)]).toEqual([path, false]);
    expect(machine.has("/.usr-local/bin/etcdctl")).toBe(false);
    expect(machine.calls("systemctl")[0]).toBe("systemctl disable --now etcd");
    expect(machine.calls("userdel")).toEqual(["userdel etcd"]);
  });

  it("keeps a user etcd and a program etcdctl that were there before", () => {
    machine.run(["rm", "/usr/local/bin/etcdctl"], "");
    machine.write("/.usr-local/bin/etcdctl", "the user's\n");
    expect(etcd()).toEqual(succeeded);
    expect(machine.read("/.usr-local/bin/etcdctl")).toBe("the user's\n");
    expect(machine.calls("userdel")).toEqual([]);
  });

  it("keeps its data where it is somebody else's", () => {
    marker("c2", "etcd1", "etcd");
    expect(etcd()).toEqual(succeeded);
    expect(machine.has("/var/lib/etcd/member/wal/0.wal")).toBe(true);
  });
});
