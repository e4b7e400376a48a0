import {
  haproxyCaFile,
  haproxyConfig,
  haproxySocket,
  type HaproxySettings,
} from "../../components/render/haproxy";
import { testGoldens } from "../support/golden";
import { hosts } from "../support/stackFile";

const balancer: HaproxySettings = {
  port: 6443,
  check: { intervalMs: 1000, fall: 3, rise: 2 },
  metrics: { address: "127.0.0.1", port: 8405 },
};
const seed = { ...balancer, port: 8443, check: { intervalMs: 1501, fall: 3, rise: 2 } };
const stacked = { etcdTopology: "stacked" } as const;
const external = { etcdTopology: "external" } as const;

const oneServer = haproxyConfig(balancer, hosts("cp", 1, 20), stacked);
const threeServers = haproxyConfig(balancer, hosts("cp", 3, 20), stacked);
const seedCheck = haproxyConfig(seed, hosts("control-plane-", 3, 20), stacked);
const externalEtcd = haproxyConfig(balancer, hosts("cp", 2, 20), external);
const withMetrics = (address: string): string =>
  haproxyConfig({ ...balancer, metrics: { address, port: 9100 } }, hosts("cp", 2, 20), stacked);

testGoldens("haproxy", {
  "one-server.cfg": () => oneServer,
  "three-servers.cfg": () => threeServers,
  "seed-check.cfg": () => seedCheck,
  "external-etcd.cfg": () => externalEtcd,
  "metrics-on-loopback.cfg": () => withMetrics("127.0.0.2"),
  "metrics-everywhere.cfg": () => withMetrics("0.0.0.0"),
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
    expect(backend).toContainEqual(expect.stringContaining("uri /readyz ver HTTP/1.1"));
    expect(backend).toContain("http-check expect status 200");
    expect(backend).toContainEqual(
      expect.stringMatching(`^default-server .* verify required ca-file ${haproxyCaFile} `),
    );
  });

  it("leaves etcd out of the check where every API server talks to all of its members", () => {
    const uri = " uri /readyz?exclude=etcd&exclude=etcd-readiness ver HTTP/1.1 ";
    expect(externalEtcd).toContain(uri);
    expect(externalEtcd).toContain("  timeout check 1s\n");
    // An API server with an etcd of its own must not be asked for anything when that is gone.
    expect(threeServers).not.toContain("exclude");
    expect(threeServers).toContain("  timeout check 2s\n");
  });

  it("listens on the balancer's port and dials the API servers' own", () => {
    expect(seedCheck).toContain("bind *:8443\n");
    expect(seedCheck).toContain("server control-plane-1 192.168.1.21:6443 check\n");
    expect(seedCheck).toContain("default-server inter 1501ms fastinter 751ms fall 3 rise 2 ");
  });

  it.each([
    ["127.0.0.1", ["bind 127.0.0.1:9100"]],
    ["192.168.1.11", ["bind 127.0.0.1:9100", "bind 192.168.1.11:9100"]],
    ["0.0.0.0", ["bind 0.0.0.0:9100"]],
  ])("serves its metrics at %s, and always on the loopback, where it is checked", (at, binds) => {
    const frontend = sections(withMetrics(at))["frontend metrics"] ?? [];
    expect(frontend.filter((line) => line.startsWith("bind"))).toEqual(binds);
    expect(frontend).toContain("http-request use-service prometheus-exporter if { path /metrics }");
  });
});
