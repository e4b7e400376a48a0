import { balancerCheck } from "../../components/render/balancerCheck";
import type { StepParameters } from "../../components/remote/steps";
import { Sandbox, type Outcome } from "../support/sandbox";

let machine: Sandbox;
beforeEach(() => {
  machine = new Sandbox();
});
afterEach(() => machine.remove());
const succeeded = { code: 0, stdout: "", stderr: "" };

describe("verify-balancer", () => {
  const verify = (more: Partial<StepParameters["verify-balancer"]> = {}): Outcome =>
    machine.step("verify-balancer", {
      HOST_NAME: "lb1",
      KIND: "haproxy",
      PORT: "8443",
      BACKEND: "kubernetes-backend",
      SERVERS: "cp1 192.0.2.21\ncp10 192.0.2.22\n",
      JOINED: "u1 u2",
      VIRTUAL_IP: "",
      ...more,
    });
  // The fields of "show stat", of which the order is HAProxy's own affair.
  const statistics = (states: Record<string, string>): void => {
    const servers = Object.entries(states).map(
      ([name, state]) => `kubernetes-backend,${name},0,${state},1\n`,
    );
    const text = `# pxname,svname,qcur,status,weight\nkubernetes-frontend,FRONTEND,0,OPEN,\n${servers.join("")}kubernetes-backend,BACKEND,0,UP,2\n`;
    machine.stub("socat", `cat <<'EOF'\n${text}EOF`);
  };
  /** Where an API server answers that is ready and that the cluster's CA vouches for. */
  const ready = (...places: string[]): void => {
    const known = places.map(
      (place) => `*"--cacert /var/lib/kubeadm-ha/pki/ca.crt --connect-to ::${place} "*`,
    );
    machine.stub(
      "curl",
      `case "$*" in ${known.join(" | ") || "''"}) ;; *) echo "curl: (7) refused" >&2; exit 7 ;; esac`,
    );
  };

  it("passes when HAProxy sees every server up and one answers through it", () => {
    statistics({ cp1: "UP", cp10: "UP" });
    ready("127.0.0.1:8443");
    expect(verify()).toEqual(succeeded);
  });

  it.each([
    ["is down", { cp1: "DOWN", cp10: "UP" }, "    cp1 DOWN\n    cp10 UP\n"],
    ["is still coming up", { cp1: "UP", cp10: "UP 1/2" }, "    cp10 UP 1/2\n"],
    ["is not there", { cp10: "UP" }, "    cp10 UP\n"],
  ])("tells the states when one %s", (_, states, lines) => {
    statistics(states);
    const { code, stderr } = verify();
    expect(code).toBe(1);
    expect(stderr).toContain("lb1: verify-balancer: HAProxy does not see every API server up:\n");
    expect(stderr).toContain(lines);
  });

  it("asks the servers itself in nginx' place, which keeps no record", () => {
    ready("192.0.2.21:6443", "192.0.2.22:6443", "127.0.0.1:8443");
    expect(verify({ KIND: "nginx" })).toEqual(succeeded);
    ready("192.0.2.22:6443", "127.0.0.1:8443");
    const { code, stderr } = verify({ KIND: "nginx" });
    expect(code).toBe(1);
    expect(stderr).toContain("    cp1 curl: (7) refused\n    cp10 ready\n");
  });

  it.each([
    ["the balancer's port", [], "through haproxy: curl: (7) refused"],
    ["the virtual IP", ["127.0.0.1:8443"], "at the virtual IP 192.0.2.9: curl: (7) refused"],
  ])("fails when no API server of the cluster answers at %s", (_, places, text) => {
    statistics({ cp1: "UP", cp10: "UP" });
    ready(...places);
    const { code, stderr } = verify({ VIRTUAL_IP: "192.0.2.9" });
    expect(code).toBe(1);
    expect(stderr).toContain(`lb1: verify-balancer: no API server answers ${text}\n`);
  });
});

describe.each([
  ["haproxy", { kind: "haproxy", metrics: { port: 8405 } }, "HTTP/1.0 200 OK\\r\\n\\r\\nok\\n"],
  ["nginx", { kind: "nginx" }, "ok\\n"],
] as const)("the check of %s", (_, balancer, good) => {
  /** Its exit status where the balancer answers so, if it listens at all. */
  const check = (answer?: string): number => {
    machine.write("/check", balancerCheck(balancer), 0o755);
    const server = `use IO::Socket::INET; alarm 10;
      my $s = IO::Socket::INET->new(Listen => 5, LocalAddr => "127.0.0.1:8405", ReuseAddr => 1) or die;
      print "\\n"; close STDOUT;
      while (my $c = $s->accept) { syswrite $c, "${answer ?? ""}"; push @open, $c if "${answer ?? ""}" eq "" }`;
    const listen = `read -r < <(exec perl -e '${server}' </dev/null 2>/dev/null)`;
    return machine.run(["bash", "-c", `${answer === undefined ? "" : listen}\n/check`], "").code;
  };

  it("passes when it answers, and fails when it refuses, is silent or says something else", () => {
    expect(check(good)).toBe(0);
    expect(check()).toBe(1);
    expect(check("")).toBe(1);
    expect(check("HTTP/1.0 503 Service Unavailable\\r\\n\\r\\n")).toBe(1);
  });
});
