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

describe("the library, which a teardown is run from", () => {
  const ourFolders = ["/var/lib/kubeadm-ha", "/.usr-local/lib/kubeadm-ha", "/var/log/kubeadm-ha"];
  const left = (): string[] => ourFolders.filter((path) => machine.has(path));

  it("need not be there on a host that no step has reached", () => {
    expect(host.teardown()).toEqual(succeeded);
    expect(machine.calls()).toEqual([]);
    expect(left()).toEqual([]);
  });

  it("goes where a preparation was cut off before the host was ours: in the middle of it, or just after it", () => {
    machine.installLibrary("worker");
    machine.write("/var/log/kubeadm-ha/prepare-node.log", "begin");
    machine.run(["rm", "/usr/local/lib/kubeadm-ha/run"], "");
    expect(host.teardown()).toEqual(succeeded);
    expect(left()).toEqual([]);
    machine.installLibrary("worker");
    machine.run(["mkdir", "/var/lib/kubeadm-ha"], "");
    expect(host.teardown()).toEqual(succeeded);
    expect(left()).toEqual([]);
    for (const withRun of [true, false]) {
      machine.installLibrary("worker");
      if (!withRun) machine.run(["rm", "/usr/local/lib/kubeadm-ha/run"], "");
      machine.write("/var/lib/kubeadm-ha/marker.Ab3xYz", "cluster=c1\n");
      expect(host.teardown()).toEqual(succeeded);
      expect(left()).toEqual([]);
    }
    expect(machine.calls()).toEqual([]);
  });

  it("is none without `run`, which goes first: who is cut off there can be torn down again", () => {
    host.makeControlPlane();
    machine.stub("rm", '[[ $* != *"-rf /usr/local/lib"* ]] || exit 1\nexec /usr/bin/rm "$@"');
    expect(host.teardown().code).toBe(1);
    expect(machine.has("/.usr-local/lib/kubeadm-ha/run")).toBe(false);
    machine.run(["/usr/bin/rm", "/stubs/rm", "/usr/local/lib/kubeadm-ha/lib.sh"], "");
    expect(host.teardown()).toEqual(succeeded);
    expect(left()).toEqual([]);
  });

  it.each(["run", "teardown.sh"])(
    "is missed where the host is ours, and nothing is done: %s",
    (file) => {
      host.makeControlPlane();
      machine.run(["rm", `/usr/local/lib/kubeadm-ha/${file}`], "");
      expect(host.teardown()).toEqual({
        code: 1,
        stdout: "",
        stderr: `cp1: teardown: /usr/local/lib/kubeadm-ha is not whole
  what to do: copy it from another control-plane, or let \`pulumi up\` put it there with this host in the stack; then again
`,
      });
      expect(machine.calls()).toEqual([]);
      expect(machine.has("/var/lib/kubeadm-ha/marker")).toBe(true);
    },
  );

  it("stays until the marker is gone, which is the last of the host's other files", () => {
    host.makeControlPlane();
    machine.stub("rm", '[[ $* != "-rf /var/lib/kubeadm-ha" ]] || exit 1\nexec /usr/bin/rm "$@"');
    expect(host.teardown().code).toBe(1);
    expect(machine.list("/var/lib/kubeadm-ha")).toEqual(["marker"]);
    machine.run(["/usr/bin/rm", "/stubs/rm"], "");
    expect(host.teardown()).toEqual(succeeded);
    expect(left()).toEqual([]);
  });
});

describe("a half-made host", () => {
  it("with a marker and nothing else is clean afterwards", () => {
    host.mark("c1", "cp1", "control-plane");
    machine.run(["rm", "/stubs/kubeadm", "/stubs/ctr"], "");
    expect(host.teardown()).toEqual(succeeded);
    expect(machine.has("/var/lib/kubeadm-ha")).toBe(false);
  });

  it("is rid of packages that came only half-way, before apt is asked, which would complete them", () => {
    host.makeControlPlane();
    machine.write("/tmp/packages", "ii |jq\niHR|kubelet\niU |kubeadm\niF |the-users-own\n");
    expect(host.teardown()).toEqual(succeeded);
    expect(machine.calls("dpkg")).toEqual([
      "dpkg --configure -a --force-confdef --force-confold",
      "dpkg --purge --force-depends --force-remove-reinstreq kubelet kubeadm",
    ]);
    const calls = machine.calls().map((call) => call.split(" ")[0]);
    expect(calls.lastIndexOf("dpkg")).toBeLessThan(calls.indexOf("apt-get"));
  });

  it("waits for the dpkg of an installation that was ended: it goes on for a while", () => {
    host.makeControlPlane();
    machine.write("/tmp/packages", "iHR|kubelet\n");
    machine.stub(
      "dpkg",
      `[[ $* == *--configure* ]] || exit 0
echo >>/tmp/tries
(($(wc -l </tmp/tries) >= 3)) && exit 0
echo "dpkg: error: dpkg database lock was locked by another process with pid 7" >&2
exit 2`,
    );
    expect(host.teardown()).toEqual(succeeded);
    const configure = "dpkg --configure -a --force-confdef --force-confold";
    expect(machine.calls("dpkg")).toEqual([
      ...[configure, configure, configure],
      "dpkg --purge --force-depends --force-remove-reinstreq kubelet",
    ]);
  });

  it("is not called clean while another installation goes on without end", () => {
    host.makeControlPlane();
    machine.write("/tmp/packages", "iHR|kubelet\n");
    machine.stub("dpkg", "echo 'dpkg frontend lock was locked by another process'; exit 2");
    const { code, stderr } = host.teardown();
    expect(code).toBe(1);
    expect(stderr).toMatch(/installation of packages has been under way[^]*run Pulumi again/);
    expect(machine.has("/var/lib/kubeadm-ha/marker")).toBe(true);
  });

  it("is cleaned as far as that goes where commands fail", () => {
    host.makeControlPlane();
    for (const name of ["systemctl", "apt-mark", "kubeadm", "umount", "apt-get", "dpkg"])
      machine.stub(name, "exit 1");
    expect(host.teardown()).toEqual(succeeded);
    expect(machine.has("/var/lib/kubeadm-ha")).toBe(false);
    expect(machine.has("/var/lib/etcd")).toBe(false);
  });

  it("keeps another cluster's kubeconfig, and does not mind a login user who is gone", () => {
    host.makeControlPlane();
    machine.write("/home/admin/.kube/config", "ca: another\n");
    expect(host.teardown()).toEqual(succeeded);
    expect(machine.read("/home/admin/.kube/config")).toBe("ca: another\n");
    host.makeControlPlane();
    expect(host.teardown({ LOGIN_USER: "nobody-any-more" })).toEqual(succeeded);
    expect(machine.has("/var/lib/kubeadm-ha")).toBe(false);
  });
});
