import { HostToTearDown } from "../support/hostToTearDown";
import type { Sandbox } from "../support/sandbox";

let host: HostToTearDown;
let machine: Sandbox;
const succeeded = { code: 0, stdout: "", stderr: "" };

beforeEach(() => {
  host = new HostToTearDown();
  ({ machine } = host);
});
afterEach(() => machine.remove());

describe("a host of ours", () => {
  beforeEach(() => {
    host.makeControlPlane();
    expect(host.teardown()).toEqual(succeeded);
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
      "/opt/cni",
      "/var/lib/etcd",
      "/var/lib/kubelet",
      "/var/log/pods",
      "/run/containerd",
      "/var/lib/containerd",
      "/opt/containerd",
      "/home/admin/.kube",
    ]) {
      expect([path, machine.has(path)]).toEqual([path, false]);
    }
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

  it("keeps no shim of a pod that nobody knows any more: containerd is stopped first, for it would make others", () => {
    const calls = machine.calls();
    const stopped = calls.indexOf("systemctl stop containerd");
    expect(stopped).toBeGreaterThanOrEqual(0);
    expect(calls.slice(stopped).filter((call) => call.startsWith("pkill "))).toEqual([
      "pkill -KILL -f containerd-shim[^ ]* -namespace k8s\\.io",
    ]);
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

  it("keeps the packet filter's rules of others, and no chain that decides nothing any more", () => {
    expect(machine.read("/tmp/restored")?.replace(/^#.*\n/gm, "")).toBe(
      `*filter
:INPUT DROP [0:0]
:OUTPUT ACCEPT [0:0]
:MINE - [0:0]
-A OUTPUT -j MINE
COMMIT
*nat
COMMIT
*mangle
COMMIT
`.repeat(2),
    );
  });

  it("has its packages purged also where another package recommends one", () => {
    const asked = machine.calls("apt-get").filter((call) => call.includes(" autoremove"));
    expect(asked).toHaveLength(1);
    expect(asked[0]).toContain("-o APT::AutoRemove::RecommendsImportant=false");
  });

  it("is a clean host: again changes nothing", () => {
    machine.forget();
    expect(host.teardown()).toEqual(succeeded);
    expect(machine.calls()).toEqual([]);
  });
});

describe("a host that is not ours", () => {
  it.each([
    ["another cluster's", "c9", "cp1", "control-plane"],
    ["another host's name", "c1", "cp2", "control-plane"],
    ["another role", "c1", "cp1", "worker"],
  ] as const)("is left as it is: %s", (_, cluster, name, role) => {
    host.makeControlPlane();
    host.mark(cluster, name, role);
    expect(host.teardown()).toEqual(succeeded);
    expect(machine.calls()).toEqual([]);
    expect(machine.read("/etc/kubernetes/admin.conf")).toBe("admin");
    expect(machine.read("/var/lib/etcd/member/wal/0")).toBe("data");
    expect(machine.read("/var/lib/kubeadm-ha/marker")).toContain(`name=${name}`);
  });

  it("is left as it is: no marker", () => {
    host.makeControlPlane();
    machine.run(["rm", "/var/lib/kubeadm-ha/marker"], "");
    expect(host.teardown()).toEqual(succeeded);
    expect(machine.calls()).toEqual([]);
    expect(machine.read("/etc/kubernetes/admin.conf")).toBe("admin");
    expect(machine.has("/var/lib/kubeadm-ha/pki/ca.crt")).toBe(true);
  });

  it("is left as it is: another cluster's, whose library is not whole", () => {
    host.makeControlPlane();
    host.mark("c9", "cp1", "control-plane");
    machine.run(["rm", "/usr/local/lib/kubeadm-ha/teardown.sh"], "");
    expect(host.teardown()).toEqual(succeeded);
    expect(machine.calls()).toEqual([]);
    expect(machine.has("/var/lib/kubeadm-ha/marker")).toBe(true);
    expect(machine.has("/.usr-local/lib/kubeadm-ha/run")).toBe(true);
  });

  it("is left as it is: no marker and no library either", () => {
    host.makeControlPlane();
    machine.run(["rm", "/var/lib/kubeadm-ha/marker", "/usr/local/lib/kubeadm-ha/run"], "");
    expect(host.teardown()).toEqual(succeeded);
    expect(machine.calls()).toEqual([]);
    expect(machine.has("/var/lib/kubeadm-ha/pki/ca.crt")).toBe(true);
  });
});

describe("a folder that is a mount point", () => {
  // Only the mount itself, not what the machine's rmdir says of it.
  const mounted = (path: string): void =>
    machine.stub("rmdir", `[[ $1 != ${path} ]] || exit 1\nexec /usr/bin/rmdir "$@"`);

  it("stays, empty, and open to others as a new file system is", () => {
    host.makeControlPlane();
    mounted("/var/lib/etcd");
    machine.run(["chmod", "0700", "/var/lib/etcd"], "");
    expect(host.teardown()).toEqual(succeeded);
    expect([machine.list("/var/lib/etcd"), machine.mode("/var/lib/etcd")]).toEqual([[], "755"]);
    expect(machine.has("/var/lib/kubelet")).toBe(false);
  });

  it("stays closed where not all of it could be deleted", () => {
    host.makeControlPlane();
    mounted("/var/lib/etcd");
    machine.run(["chmod", "0700", "/var/lib/etcd"], "");
    machine.stub("find", `[[ $1 != /var/lib/etcd ]] || exit 1\nexec /usr/bin/find "$@"`);
    expect(host.teardown()).toEqual(succeeded);
    expect(machine.mode("/var/lib/etcd")).toBe("700");
  });
});
