import { HostToTearDown } from "../support/hostToTearDown";
import type { Outcome, Sandbox } from "../support/sandbox";

let host: HostToTearDown;
let machine: Sandbox;
const succeeded = { code: 0, stdout: "", stderr: "" };

beforeEach(() => {
  host = new HostToTearDown();
  ({ machine } = host);
});
afterEach(() => machine.remove());

it("a worker is cleaned by what its own library has", () => {
  host.makeControlPlane();
  host.mark("c1", "w1", "worker");
  expect(host.teardown({ HOST_NAME: "w1", ROLE: "worker" })).toEqual(succeeded);
  expect(machine.calls("kubeadm")).toHaveLength(1);
  expect(machine.calls("ip")).toContain("ip link delete cni0");
  expect(machine.has("/var/lib/kubeadm-ha")).toBe(false);
  expect(machine.has("/var/lib/kubelet")).toBe(false);
});

it("a runtime that was there before keeps its images and its folders", () => {
  host.makeControlPlane();
  machine.write("/var/lib/kubeadm-ha/packages", "kubelet\nkubeadm\n");
  expect(host.teardown()).toEqual(succeeded);
  for (const path of [
    "/var/lib/containerd/io.containerd.metadata.v1.bolt/meta.db",
    "/run/containerd",
  ])
    expect([path, machine.has(path)]).toEqual([path, true]);
});

it("a balancer gets back its own configuration, and keeps what is Kubernetes'", () => {
  host.mark("c1", "lb1", "load-balancer");
  machine.write("/etc/haproxy/haproxy.cfg", "# Written by kubeadm-ha; …\n");
  machine.write("/etc/haproxy/haproxy.cfg.before-kubeadm-ha", "# the package's\n");
  machine.write("/etc/keepalived/keepalived.conf", "# Written by kubeadm-ha; …\n");
  machine.write("/etc/keepalived/kubeadm-ha.nft", "table …\n");
  machine.write("/etc/systemd/system/haproxy.service.d/kubeadm-ha.conf", "[Service]\n");
  machine.write("/etc/systemd/system/nginx.service.d/kubeadm-ha.conf", "[Service]\n");
  machine.write("/etc/systemd/system/nginx.service.d/the-users.conf", "[Service]\n");
  machine.write("/etc/kubernetes/somebody-elses", "");
  machine.write("/var/lib/kubeadm-ha/packages", "nginx\n");

  for (const path of [
    "/run/haproxy.sock",
    "/run/haproxy/admin.sock",
    "/var/lib/haproxy/dev/log",
    "/var/www/html/index.nginx-debian.html",
  ])
    machine.write(path, "");
  expect(host.teardown({ HOST_NAME: "lb1", ROLE: "load-balancer" })).toEqual(succeeded);
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
  expect(machine.has("/var/www")).toBe(false);
  // HAProxy's package was there before.
  expect(machine.has("/run/haproxy.sock")).toBe(false);
  expect(machine.has("/run/haproxy/admin.sock")).toBe(true);
  expect(machine.has("/var/lib/haproxy/dev/log")).toBe(true);
  expect(machine.has("/var/lib/kubeadm-ha")).toBe(false);
});

it("a balancer loses what HAProxy's package would leave", () => {
  host.mark("c1", "lb1", "load-balancer");
  machine.write("/var/lib/kubeadm-ha/packages", "haproxy\nsocat\n");
  for (const path of ["/run/haproxy.pid", "/run/haproxy/admin.sock", "/var/lib/haproxy/dev/log"])
    machine.write(path, "");
  expect(host.teardown({ HOST_NAME: "lb1", ROLE: "load-balancer" })).toEqual(succeeded);
  expect(machine.list("/run")).toEqual(["systemd"]);
  expect(machine.list("/var/lib/haproxy")).toEqual([]);
});

describe("an etcd host", () => {
  const etcd = (): Outcome => host.teardown({ HOST_NAME: "etcd1", ROLE: "etcd" });
  beforeEach(() => {
    host.mark("c1", "etcd1", "etcd");
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
    host.mark("c2", "etcd1", "etcd");
    expect(etcd()).toEqual(succeeded);
    expect(machine.has("/var/lib/etcd/member/wal/0.wal")).toBe(true);
  });
});
