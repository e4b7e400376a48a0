import type { StepParameters } from "../../components/remote/steps";
import { Sandbox, type Outcome } from "../support/sandbox";

let machine: Sandbox;
beforeEach(() => {
  machine = new Sandbox();
});
afterEach(() => machine.remove());
const succeeded = { code: 0, stdout: "", stderr: "" };

describe("configure-balancer", () => {
  const haproxy = "/etc/haproxy/haproxy.cfg";
  const nginx = "/etc/nginx/nginx.conf";
  const keepalived = "/etc/keepalived/keepalived.conf";
  const ours = (more = ""): string => `# Written by kubeadm-ha; …\n${more}`;
  const vrrp = (...peers: string[]): string =>
    ours(`interface @INTERFACE@\nunicast_peer {\n  # lb2\n  ${peers.join("\n  ")}\n}\n`) +
    "virtual_ipaddress {\n  192.0.2.9/32 dev @INTERFACE@\n}\n";
  const configure = (more: Partial<StepParameters["configure-balancer"]> = {}): Outcome =>
    machine.step("configure-balancer", {
      HOST_NAME: "lb1",
      ADDRESS: "192.0.2.11",
      KIND: "haproxy",
      PORT: "6443",
      CA_CERTIFICATE: "the CA\n",
      BALANCER_CONFIG: ours(),
      BALANCER_CHECK: "#!/bin/bash\n",
      VIRTUAL_IP: "",
      KEEPALIVED_CONFIG: "",
      ...more,
    });
  const configureWithIp = (...peers: string[]): Outcome =>
    configure({ VIRTUAL_IP: "192.0.2.9", KEEPALIVED_CONFIG: vrrp(...peers) });

  /** What was done to services, without the questions. */
  const services = (): string[] =>
    machine.calls("systemctl").filter((call) => !/ is-(active|enabled) |daemon-reload/.test(call));

  beforeEach(() => {
    const judge = "! grep -q wrong \"${@: -1}\" || { echo 'unknown keyword' >&2; exit 1; }";
    for (const program of ["haproxy", "nginx"]) machine.stub(program, judge);
    machine.stub("keepalived", `{ ${judge}; } && kill $$`);
    machine.stub("nft");
    machine.stub(
      "systemctl",
      `case $1 in
        is-active | is-enabled) [[ -e /tmp/active-$3 ]] ;;
        restart) touch /tmp/active-$2 ;;
        reload) [[ ! -e /tmp/reload-fails ]] ;;
        stop) rm -f /tmp/active-$2 ;;
        disable) [[ $2 != --now ]] || rm -f /tmp/active-$3 ;;
      esac`,
    );
    machine.stub(
      "ip",
      `case "$*" in
        *address*) echo "2: eth0    inet 192.0.2.11/24 brd 192.0.2.255 scope global eth0" ;;
        *neighbour*" to $(</tmp/held) "*) echo "$4 lladdr 02:00:00:00:00:02 REACHABLE" ;;
        *neighbour*" to 192.0.2.12 "*) echo "$4 lladdr 02:00:00:00:00:02 STALE" ;;
      esac`,
    );
    machine.write("/tmp/held", "");
    machine.listen("127.0.0.1", 6443);
    machine.listen("192.0.2.9", 6443);
  });

  it("starts the balancer with its configuration, and keeps the package's", () => {
    machine.write(haproxy, "# the package's\n");
    expect(configure()).toEqual(succeeded);
    expect(machine.read(haproxy)).toBe(ours());
    expect(machine.read(`${haproxy}.before-kubeadm-ha`)).toBe("# the package's\n");
    expect(machine.read("/var/lib/kubeadm-ha/pki/ca.crt")).toBe("the CA\n");
    expect(machine.mode("/.usr-local/lib/kubeadm-ha/check-balancer")).toBe("755");
    expect(services()).toEqual(["systemctl enable haproxy", "systemctl restart haproxy"]);
    expect(machine.read("/etc/systemd/system/haproxy.service.d/kubeadm-ha.conf")).toMatch(
      /^Restart=always$/m,
    );
    expect(machine.calls().some((call) => call.includes("keepalived"))).toBe(false);
  });

  it("reloads the balancer where it runs: no connection is cut", () => {
    configure();
    machine.forget();
    expect(configure({ BALANCER_CONFIG: ours("server cp2\n") })).toEqual(succeeded);
    expect(services()).toEqual(["systemctl reload haproxy"]);
    machine.forget();
    expect(configure({ BALANCER_CONFIG: ours("server cp2\n"), CA_CERTIFICATE: "new" })).toEqual(
      succeeded,
    );
    expect(services()).toEqual(["systemctl reload haproxy"]);
  });

  it.each(["haproxy", "nginx"] as const)(
    "leaves %s alone where it works with just that configuration",
    (KIND) => {
      configure({ KIND });
      machine.forget();
      machine.run(["touch", "-d", "2020-01-01", haproxy, nginx], "");
      expect(configure({ KIND })).toEqual(succeeded);
      expect(services()).toEqual([]);
      const file = KIND === "haproxy" ? haproxy : nginx;
      expect(machine.run(["stat", "-c", "%y", file], "").stdout).toMatch(/^2020-01-01/);
      expect(machine.has(`${file}.new`)).toBe(false);
    },
  );

  it("reloads what a run that was cut off has put in place", () => {
    configure();
    machine.forget();
    // The run ends right before the reload.
    machine.write("/tmp/reload-fails", "");
    expect(configure({ BALANCER_CONFIG: ours("server cp2\n") }).code).toBe(1);
    expect(machine.read(haproxy)).toBe(ours("server cp2\n"));
    machine.forget();
    machine.run(["rm", "/tmp/reload-fails"], "");
    expect(configure({ BALANCER_CONFIG: ours("server cp2\n") })).toEqual(succeeded);
    expect(services()).toEqual(["systemctl reload haproxy"]);
  });

  it.each(["haproxy", "nginx"] as const)(
    "leaves the running configuration alone where %s does not take the new one",
    (KIND) => {
      const file = KIND === "haproxy" ? haproxy : nginx;
      configure({ KIND });
      machine.forget();
      const { code, stderr } = configure({ KIND, BALANCER_CONFIG: ours("wrong\n") });
      expect(code).toBe(1);
      expect(stderr).toContain("    unknown keyword\n");
      expect(machine.read(file)).toBe(ours());
      expect(services()).toEqual([]);
    },
  );

  it("lets the other kind go right before this one starts", () => {
    configure();
    machine.forget();
    expect(configure({ KIND: "nginx" })).toEqual(succeeded);
    expect(services()).toEqual([
      "systemctl enable nginx",
      "systemctl disable haproxy",
      "systemctl kill --kill-who=main --signal=TERM haproxy",
      "systemctl stop haproxy",
      "systemctl restart nginx",
    ]);
  });

  it("leaves alone a program of the other kind that is not ours", () => {
    machine.write(nginx, "# somebody's own\n");
    expect(configure()).toEqual(succeeded);
    expect(machine.calls().some((call) => call.includes("nginx"))).toBe(false);
  });

  it.each(["haproxy", "nginx"] as const)("refuses another port than the nodes know: %s", (KIND) => {
    configure();
    machine.forget();
    const { code, stderr } = configure({ KIND, PORT: "8443" });
    expect(code).toBe(1);
    expect(stderr).toContain(
      "lb1: configure-balancer: loadBalancer.port is 6443 on this balancer and 8443 in the stack file",
    );
    expect(machine.read(haproxy)).toBe(ours());
    expect(machine.calls()).toEqual([]);
  });

  it.each([
    ["nothing listens afterwards", { PORT: "7443" }, "port 7443"],
    ["it does not answer", { BALANCER_CHECK: "#!/bin/bash\nexit 1\n" }, "port 6443"],
  ])("is told when %s, and no port is remembered", (_, more, text) => {
    const { code, stderr } = configure(more);
    expect(code).toBe(1);
    expect(stderr).toContain(`lb1: configure-balancer: haproxy does not answer on ${text}\n`);
    expect(machine.has("/var/lib/kubeadm-ha/balancer-port")).toBe(false);
  });

  describe("with a virtual IP", () => {
    it("starts keepalived on the address' own interface, after the balancer", () => {
      expect(configureWithIp("192.0.2.12")).toEqual(succeeded);
      expect(machine.read(keepalived)).toBe(vrrp("192.0.2.12").replaceAll("@INTERFACE@", "eth0"));
      expect(services().slice(2)).toEqual([
        "systemctl enable keepalived",
        "systemctl restart keepalived",
      ]);
    });

    it.each([
      ["its peers'", ["192.0.2.12", "192.0.2.13"], "192.0.2.12,192.0.2.13"],
      ["nobody's, where it is alone,", ["192.0.2.11"], "127.0.0.1"],
    ])("lets %s VRRP in and no other", (_, peers, set) => {
      configureWithIp(...peers);
      const filter = machine.read("/etc/keepalived/kubeadm-ha.nft");
      expect(filter).toContain(`ip protocol 112 ip saddr != { ${set} } drop`);
      expect(machine.calls("nft")).toEqual(["nft -f /etc/keepalived/kubeadm-ha.nft"]);
    });

    it("lets keepalived alone where nothing changed, and reloads it for another peer", () => {
      configureWithIp("192.0.2.12");
      machine.forget();
      configureWithIp("192.0.2.12");
      expect(services()).toEqual([]);
      machine.forget();
      configureWithIp("192.0.2.12", "192.0.2.13");
      expect(services()).toEqual(["systemctl reload keepalived"]);
    });

    it("tells what keepalived has against its configuration", () => {
      const { code, stderr } = configureWithIp("wrong");
      expect(code).toBe(1);
      expect(stderr).toContain(
        "keepalived does not take its configuration:\n    unknown keyword\n",
      );
      expect(machine.has(keepalived)).toBe(false);
    });

    it("refuses an address of another network before anything is changed", () => {
      const { code, stderr } = configure({ VIRTUAL_IP: "192.0.3.9", KEEPALIVED_CONFIG: vrrp() });
      expect(code).toBe(1);
      expect(stderr).toContain("192.0.3.9 is not in the network of eth0, which has 192.0.2.11/24");
      expect(machine.has(haproxy)).toBe(false);
    });

    it("refuses an address that another machine has, unless that is a balancer or nothing new", () => {
      machine.write("/tmp/held", "192.0.2.9");
      const { code, stderr } = configureWithIp("192.0.2.13");
      expect(code).toBe(1);
      expect(stderr).toContain(
        "loadBalancer.virtualIp 192.0.2.9 is in use: a machine with the link address 02:00:00:00:00:02",
      );
      expect(configureWithIp("192.0.2.12")).toEqual(succeeded);
      expect(configureWithIp("192.0.2.13")).toEqual(succeeded);
    });

    it("lets the address go where the stack has none any more", () => {
      configureWithIp("192.0.2.12");
      machine.forget();
      expect(configure()).toEqual(succeeded);
      expect(services()).toEqual(["systemctl disable --now keepalived"]);
      expect(machine.list("/etc/keepalived")).toEqual([]);
    });
  });
});
