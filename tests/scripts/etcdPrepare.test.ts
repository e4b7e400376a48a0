import { createHash } from "node:crypto";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { StepParameters } from "../../components/remote/steps";
import { Sandbox, type Outcome } from "../support/sandbox";

let machine: Sandbox;
let parameters: StepParameters["prepare-etcd"];
const programs = ["etcd", "etcdctl", "etcdutl"];
const archive = "etcd-v3.7.3-linux-amd64.tar.gz";

beforeEach(() => {
  machine = new Sandbox();
  machine.stub("uname", "if [[ ${1:-} == -m ]]; then echo x86_64; else echo etcd1; fi");
  machine.stub("dpkg-query", "[[ $* == *Abbrev* ]] || echo installed");
  machine.stub("useradd", 'echo "etcd:x:0:0::/var/lib/etcd:/usr/sbin/nologin" >>/etc/passwd');
  machine.stub(
    "curl",
    `while (($# > 1)); do if [[ $1 == -o ]]; then to=$2; fi; shift; done
    from=/served/\${1#http://mirror/files/etcd/}
    [[ -e $from ]] || { echo "curl: (22) The requested URL returned error: 404" >&2; exit 22; }
    cat "$from" >"$to"`,
  );
  parameters = {
    HOST_NAME: "etcd1",
    ROLE: "etcd",
    CLUSTER_ID: "c1",
    GENERATION: "1",
    APT_SOURCE: "deb http://mirror/apt ./\n",
    APT_KEY: "the mirror's key",
    APT_KEY_URL: "",
    APT_MIRROR_ONLY: "yes",
    HOSTS_ENTRIES: "",
    PACKAGES: "ca-certificates curl openssl",
    ETCD_VERSION: "3.7.3",
    ETCD_SOURCE: "http://mirror/files/etcd",
    SHA256_AMD64: serve("3.7.3"),
    SHA256_ARM64: "",
  };
});
afterEach(() => machine.remove());

/** Lets the mirror serve a release. @returns its checksum. */
function serve(version: string, says = version): string {
  const name = `etcd-v${version}-linux-amd64`;
  const folder = join(machine.root, "served", `v${version}`);
  mkdirSync(join(folder, name), { recursive: true });
  for (const program of [...programs, "README.md"]) {
    const text = `#!/usr/bin/bash\necho "etcd Version: ${says}"\n`;
    writeFileSync(join(folder, name, program), text, { mode: 0o700 });
  }
  execFileSync("tar", ["-C", folder, "-czf", join(folder, `${name}.tar.gz`), name]);
  return createHash("sha256")
    .update(readFileSync(join(folder, `${name}.tar.gz`)))
    .digest("hex");
}

const prepare = (more: Partial<StepParameters["prepare-etcd"]> = {}): Outcome =>
  machine.program("prepare-etcd", "etcd", { ...parameters, ...more });
const succeeded = { code: 0, stdout: "", stderr: "" };
const nothingInstalled = (outcome: Outcome, message: string): void => {
  expect(outcome.code).toBe(1);
  expect(outcome.stderr).toContain(message);
  expect(machine.has("/opt/etcd/v3.7.3")).toBe(false);
};

describe("a host of etcd's", () => {
  it("gets the release's programs, its user, its library and its marker", () => {
    expect(prepare()).toEqual(succeeded);
    expect(machine.list("/opt/etcd")).toEqual(["v3.7.3"]);
    expect(machine.list("/opt/etcd/v3.7.3")).toEqual(programs);
    expect(machine.mode("/opt/etcd/v3.7.3/etcd")).toBe("755");
    expect(machine.calls("useradd")).toHaveLength(1);
    expect(machine.read("/var/lib/kubeadm-ha/etcd-user")).toBe("etcd\n");
    expect(machine.read("/var/lib/kubeadm-ha/marker")).toContain("role=etcd\n");
    expect(machine.list("/.usr-local/lib/kubeadm-ha")).toContain("join-etcd.sh");
  });

  it("starts nothing, and leaves an etcd that runs alone", () => {
    machine.stub("systemctl");
    prepare();
    expect(machine.calls("systemctl")).toEqual([]);
    expect(machine.has("/etc/etcd")).toBe(false);
    expect(machine.has("/usr/local/bin/etcd")).toBe(false);
  });

  it("is left alone by a second run", () => {
    prepare();
    machine.forget();
    expect(prepare()).toEqual(succeeded);
    expect([machine.calls("curl"), machine.calls("useradd")]).toEqual([[], []]);
  });

  it("gets another release beside the one it has", () => {
    prepare();
    expect(prepare({ ETCD_VERSION: "3.7.4", SHA256_AMD64: serve("3.7.4") })).toEqual(succeeded);
    expect(machine.list("/opt/etcd")).toEqual(["v3.7.3", "v3.7.4"]);
  });

  it("keeps a user that was there before for the teardown to leave", () => {
    machine.write("/etc/passwd", "root:x:0:0::/root:/bin/bash\netcd:x:0:0::/:/bin/false\n");
    expect(prepare()).toEqual(succeeded);
    expect(machine.calls("useradd")).toEqual([]);
    expect(machine.has("/var/lib/kubeadm-ha/etcd-user")).toBe(false);
  });

  it("takes a checksum in capital letters", () => {
    expect(prepare({ SHA256_AMD64: parameters.SHA256_AMD64.toUpperCase() })).toEqual(succeeded);
  });
});

describe("nothing is installed", () => {
  it("from an archive with another checksum, and nothing is unpacked", () => {
    machine.write(`/served/v3.7.3/${archive}`, "something else");
    const outcome = prepare();
    nothingInstalled(
      outcome,
      `etcd1: prepare-etcd: the SHA-256 of http://mirror/files/etcd/v3.7.3/${archive} is `,
    );
    expect(outcome.stderr).toContain(`, not ${parameters.SHA256_AMD64}: nothing was unpacked\n`);
    expect(machine.run(["ls", "-A", "/opt/etcd"], "").stdout).toBe("");
  });

  it("without a checksum for this processor, and nothing is fetched", () => {
    machine.stub("uname", "if [[ ${1:-} == -m ]]; then echo aarch64; else echo etcd1; fi");
    const outcome = prepare();
    nothingInstalled(outcome, "the checksum of etcd 3.7.3 for arm64 is not known\n");
    expect(outcome.stderr).toContain("etcd.checksumsFile");
    expect(machine.calls("curl")).toEqual([]);
  });

  it("where the archive is missing: curl's words are told", () => {
    const source = "http://mirror/files/etcd/other";
    const outcome = prepare({ ETCD_SOURCE: source });
    nothingInstalled(outcome, `etcd1: prepare-etcd: ${source}/v3.7.3/${archive} cannot be fetched`);
    expect(outcome.stderr).toMatch(/error: 404\n {2}what to do: see that its server answers and/);
    expect(machine.run(["ls", "-A", "/opt/etcd"], "").stdout).toBe("");
  });

  it("from an archive whose etcd is another release", () => {
    const sum = serve("3.7.3", "3.6.16");
    nothingInstalled(
      prepare({ SHA256_AMD64: sum }),
      "the archive's etcd does not run here, or is 3.6.16 and not 3.7.3\n",
    );
  });

  it("twice: what a run that broke off left is taken away", () => {
    machine.write("/opt/etcd/.new.abc123/archive", "half");
    expect(prepare()).toEqual(succeeded);
    expect(machine.run(["ls", "-A", "/opt/etcd"], "").stdout).toBe("v3.7.3\n");
  });
});

describe("trust", () => {
  const files = {
    ETCD_CA_CERTIFICATE: "ca.crt",
    SERVER_CERTIFICATE: "server.crt",
    SERVER_KEY: "server.key",
    PEER_CERTIFICATE: "peer.crt",
    PEER_KEY: "peer.key",
    HEALTH_CERTIFICATE: "health.crt",
    HEALTH_KEY: "health.key",
  } as const;
  const texts = Object.fromEntries(
    Object.entries(files).map(([name, file]) => [name, `our ${file}\n`]),
  ) as Record<keyof typeof files, string>;
  const trust = (): Outcome =>
    machine.step("trust-etcd", { HOST_NAME: "etcd1", GENERATION: "1", ...texts });
  const begins = (date: Date): void =>
    machine.stub("openssl", `echo "notBefore=${date.toUTCString()}"`);

  it("puts certificates and keys into a folder of ours, which only root can read", () => {
    begins(new Date(Date.now() - 60_000));
    expect(trust()).toEqual(succeeded);
    for (const file of Object.values(files)) {
      expect(machine.read(`/var/lib/kubeadm-ha/pki/etcd/${file}`)).toBe(`our ${file}\n`);
      expect(machine.mode(`/var/lib/kubeadm-ha/pki/etcd/${file}`)).toBe("600");
    }
    expect(machine.mode("/var/lib/kubeadm-ha/pki/etcd")).toBe("700");
    expect(machine.has("/etc/etcd")).toBe(false);
  });

  it("tells when the host's clock is behind the certificates", () => {
    begins(new Date(Date.now() + 3600_000));
    const { code, stderr } = trust();
    expect(code).toBe(1);
    expect(stderr).toMatch(/^etcd1: trust-etcd: the clock is 3\d\d\d s behind the start/);
  });
});
