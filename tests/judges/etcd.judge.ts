import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { ensure } from "../../lab/build/recipe";
import { etcd } from "../../lab/build/recipes/programs";
import { ensureSystemPackages, requireGo } from "../../lab/build/systemPackages";
import { versions } from "../../lab/build/versions";
import { lines } from "../../lab/output";
import { golden } from "../support/golden";
import { Sandbox, type Outcome } from "../support/sandbox";

const settings = golden("etcd", `member-${versions.etcd}.env`);
let programs: string;
let keys: string;
let machine: Sandbox;

// An hour, because a cold build is bounded by the machine and not by this test.
beforeAll(async () => {
  const report = lines();
  await ensureSystemPackages(report, ["gcc", "libc6-dev"]);
  await requireGo();
  programs = (await ensure([etcd], report)).get(etcd.name) ?? "";
  keys = mkdtempSync(join(tmpdir(), "kubeadm-ha-etcd-keys-"));
  makeCertificates(keys);
}, 3600 * 1000);
afterAll(() => rmSync(keys, { recursive: true, force: true }));

beforeEach(() => {
  machine = new Sandbox();
  machine.mount(programs, `/opt/etcd/v${versions.etcd}`);
  for (const file of readdirSync(keys)) {
    machine.write(`/etc/etcd/pki/${file}`, readFileSync(join(keys, file), "utf8"));
  }
  // That something listens gives the sandbox this address.
  machine.listen("192.168.1.32", 9);
});
afterEach(() => machine.remove());

/** A CA, and one certificate for both of the member's uses. */
function makeCertificates(folder: string): void {
  const openssl = (...args: string[]): Buffer =>
    execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  openssl("req", "-x509", ...key, "-keyout", "ca.key", "-out", "ca.crt", "-subj", "/CN=etcd");
  for (const name of ["server", "peer"]) {
    const files = ["-keyout", `${name}.key`, "-out", `${name}.crt`];
    const san = ["-addext", "subjectAltName=IP:192.168.1.32,IP:127.0.0.1"];
    const issuer = ["-CA", "ca.crt", "-CAkey", "ca.key", "-subj", "/CN=etcd2"];
    openssl("req", "-x509", ...key, ...files, ...san, ...issuer);
  }
}

/** What etcd says within three seconds to settings, and to the words for one start. */
function start(environment: string, once = ""): Outcome {
  machine.write("/etc/etcd/etcd.env", environment);
  machine.write("/etcd-start.env", once);
  const etcdItself = `exec timeout 3 /opt/etcd/v${versions.etcd}/etcd 2>&1`;
  const script = `set -a; . /etc/etcd/etcd.env; . /etcd-start.env; ${etcdItself}`;
  return machine.run(["bash", "-c", script], "");
}

const founding =
  "ETCD_INITIAL_CLUSTER=etcd2=https://192.168.1.32:2380\nETCD_INITIAL_CLUSTER_STATE=new\nETCD_INITIAL_CLUSTER_TOKEN=kubeadm-ha-c1\n";

describe("etcd itself", () => {
  it("takes every setting, and founds a cluster when it is told to for one start", () => {
    const { stdout } = start(settings, founding);
    expect(stdout).toContain("ready to serve client requests");
    expect(stdout).not.toMatch(/unrecognized|deprecated/);
  });

  it("never founds one with the settings on disk alone", () => {
    const { code, stdout } = start(settings);
    expect(code).toBe(1);
    expect(stdout).toContain("could not retrieve cluster information from the given URLs");
    expect(stdout).not.toContain("ready to serve client requests");
  });

  it("starts with the settings on disk alone where it has a member's data", () => {
    start(settings, founding);
    expect(start(settings).stdout).toContain("ready to serve client requests");
  });

  it("tells of a setting that it does not know", () => {
    expect(start(`${settings}ETCD_NO_SUCH_SETTING=1\n`, founding).stdout).toContain("unrecognized");
  });
});

describe("systemd", () => {
  const verify = (unit: string): Outcome => {
    machine.write("/etc/systemd/system/etcd.service", unit);
    machine.write("/etc/passwd", "root:x:0:0::/root:/bin/bash\netcd:x:0:0::/:/bin/false\n");
    return machine.run(
      ["systemd-analyze", "verify", "--man=no", "/etc/systemd/system/etcd.service"],
      "",
    );
  };
  const said = ({ stdout, stderr }: Outcome): string =>
    (stdout + stderr)
      .split("\n")
      .filter((line) => line.includes("etcd.service"))
      .join("\n");

  it.each(["etcd.service", "etcd-lab.service"])("takes the unit %s", (name) => {
    const outcome = verify(golden("etcd", name));
    expect([outcome.code, said(outcome)]).toEqual([0, ""]);
  });

  it("tells of a directive that is wrong", () => {
    const wrong = golden("etcd", "etcd.service").replace("ProtectHome=", "ProtectHomes=");
    expect(said(verify(wrong))).toMatch(/Unknown key.*'ProtectHomes'/);
  });
});
