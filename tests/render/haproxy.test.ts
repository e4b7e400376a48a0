import { execFileSync } from "node:child_process";

import { haproxyCaFile, haproxyConfig, haproxySocket } from "../../components/render/haproxy";
import { testGoldens } from "../support/golden";
import { hosts } from "../support/stackFile";
import { Sandbox } from "../support/sandbox";

const check = { intervalMs: 1000, fall: 2, rise: 2 };
const balancer = { kind: "haproxy" as const, hosts: [], port: 6443, check };
const seed = { ...balancer, port: 8443, check: { intervalMs: 1501, fall: 3, rise: 2 } };

const oneServer = haproxyConfig(balancer, hosts("cp", 1, 20));
const threeServers = haproxyConfig(balancer, hosts("cp", 3, 20));
const seedCheck = haproxyConfig(seed, hosts("control-plane-", 3, 20));

testGoldens("haproxy", {
  "one-server.cfg": () => oneServer,
  "three-servers.cfg": () => threeServers,
  "seed-check.cfg": () => seedCheck,
});

/** The configuration's lines by their section, without blanks and comments. */
function sections(text: string): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  let lines: string[] = [];
  for (const line of text.split("\n")) {
    if (/^[a-z]/.test(line)) found[line] = lines = [];
    else if (line.trim() !== "" && !line.trim().startsWith("#")) lines.push(line.trim());
  }
  return found;
}

describe("the configuration", () => {
  const config = sections(threeServers);

  it("is the seed's: tcp, its logs, round robin, its statistics socket", () => {
    expect(config["defaults"]).toEqual(expect.arrayContaining(["mode tcp", "option tcplog"]));
    expect(config["backend kubernetes-backend"]).toContain("balance roundrobin");
    expect(config["frontend kubernetes-frontend"]).toEqual([
      "bind *:6443",
      "default_backend kubernetes-backend",
    ]);
    expect(config["global"]).toContainEqual(
      expect.stringMatching(`^stats socket ${haproxySocket} user root group root mode 600 `),
    );
  });

  it("asks each API server for /readyz, and trusts the cluster's CA only", () => {
    const backend = config["backend kubernetes-backend"] ?? [];
    expect(backend.filter((line) => line.startsWith("server "))).toEqual([
      "server cp1 192.168.1.21:6443 check",
      "server cp2 192.168.1.22:6443 check",
      "server cp3 192.168.1.23:6443 check",
    ]);
    expect(backend).toContainEqual(expect.stringContaining("uri /readyz"));
    expect(backend).toContain("http-check expect status 200");
    expect(backend).toContainEqual(
      expect.stringMatching(`^default-server .* verify required ca-file ${haproxyCaFile} `),
    );
  });

  it("listens on the balancer's port and dials the API servers' own", () => {
    expect(seedCheck).toContain("bind *:8443\n");
    expect(seedCheck).toContain("server control-plane-1 192.168.1.21:6443 check\n");
    expect(seedCheck).toContain("default-server inter 1501ms fastinter 751ms fall 3 rise 2 ");
  });
});

describe("HAProxy itself", () => {
  let machine: Sandbox;
  beforeAll(() => {
    machine = new Sandbox();
    machine.write("/etc/passwd", "root:x:0:0::/root:/bin/bash\nhaproxy:x:99:99::/:/bin/false\n");
    machine.write("/etc/group", "root:x:0:\nhaproxy:x:99:\n");
    machine.write(haproxyCaFile, certificate());
  });
  afterAll(() => machine.remove());

  const judge = (text: string): { code: number; stderr: string } => {
    machine.write("/etc/haproxy/haproxy.cfg", text);
    return machine.run(["haproxy", "-c", "-f", "/etc/haproxy/haproxy.cfg"], "");
  };

  it.each([
    ["one server", oneServer],
    ["three servers", threeServers],
    ["the seed's check", seedCheck],
  ])("takes %s without a warning", (_, text) => {
    const { code, stderr } = judge(text);
    expect([code, stderr]).toEqual([0, ""]);
  });

  it("refuses a configuration that is wrong", () => {
    const wrong = oneServer.replace("http-check expect", "http-check expct");
    expect(judge(wrong)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("expct") as string,
    });
  });
});

/** A certificate for HAProxy to read. */
function certificate(): string {
  const args =
    "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=kubernetes -keyout /dev/null";
  return execFileSync("openssl", args.split(" "), { encoding: "utf8", stdio: "pipe" });
}
