import { etcdPki } from "../support/cluster/etcd";
import { etcdHosts, external, whole } from "../support/suite/external";
import { stepTimes } from "../support/cluster/journal";
import type { Edit } from "../support/suite/stackFile";
import { startWriter } from "../support/writes/writer";

/** Certificates of a day that are renewed a day before their end: due as soon as they are made. */
const alwaysDue: Edit = (stack) => {
  const etcd = stack.config["kubeadm-ha:etcd"];
  etcd["certificates"] = { validityHours: 24, earlyRenewalHours: 24 };
};

const ports = { server: 2379, peer: 2380 } as const;

/** The fingerprint of what a member shows to whoever connects. */
async function served(host: string, kind: keyof typeof ports): Promise<string> {
  const to = `${external.addressOf(host)}:${ports[kind]}`;
  const client = `-cert ${etcdPki}/health.crt -key ${etcdPki}/health.key`;
  return external.outputOf(
    host,
    `openssl s_client -connect ${to} ${client} </dev/null 2>/dev/null | openssl x509 -noout -fingerprint -sha256`,
  );
}

async function allServed(): Promise<Map<string, string>> {
  const shown = new Map<string, string>();
  for (const host of etcdHosts) {
    for (const kind of ["server", "peer"] as const) {
      shown.set(`${host} ${kind}`, await served(host, kind));
    }
  }
  return shown;
}

beforeAll(async () => {
  await external.ensureCluster();
  await whole();
});

afterAll(async () => {
  external.writeStackFile();
  await external.pulumiUp();
});

describe("etcd's certificates inside their time of renewal", () => {
  it("a shorter validity is brought to the members by an up", async () => {
    external.writeStackFile(alwaysDue);
    await external.pulumiUp();
    const end = await external.outputOf(
      "etcd1",
      `openssl x509 -in ${etcdPki}/server.crt -noout -checkend ${25 * 3600} || true`,
    );
    expect(end).toContain("will expire");
  });

  it("preview shows the replacements, with nothing changed in the stack file", async () => {
    const preview = await external.pulumiPreview(["--diff"]);
    for (const host of etcdHosts) {
      for (const kind of ["server", "peer"]) {
        expect(preview.output).toMatch(
          new RegExp(
            `tls:index/locallySignedCert:LocallySignedCert: \\(replace\\)[^]*?${host}-${kind}`,
          ),
        );
      }
    }
  });

  it("up brings them one member at a time, and no write fails for long", async () => {
    const before = await allServed();
    const writer = await startWriter(external, { on: "w1" });
    const begin = Date.now();
    const run = await external.pulumiUp();
    await writer.steady(Date.now());
    const { lost, acknowledged, gap } = await writer.stop();
    console.log(
      `etcd's certificates renewed: ${run.seconds.toFixed(1)} s; gap: ${gap.toFixed(1)} s, ${acknowledged} acknowledged, ${lost.length} lost`,
    );
    expect(lost).toEqual([]);
    expect(gap).toBeLessThan(10);
    const after = await allServed();
    for (const [which, fingerprint] of before) expect(after.get(which)).not.toBe(fingerprint);
    const times = await Promise.all(
      etcdHosts.map((host) => stepTimes(external, host, "join-etcd", begin)),
    );
    const inTurn = times.sort((a, b) => a.begin - b.begin);
    for (const [i, { begin: next }] of inTurn.entries()) {
      expect(inTurn[i - 1]?.end ?? 0).toBeLessThanOrEqual(next);
    }
    await whole();
  });

  it("the API servers log in with the new certificate", async () => {
    const file = "/etc/kubernetes/pki/apiserver-etcd-client.crt";
    for (const name of ["cp1", "cp2"]) {
      const end = await external.outputOf(
        name,
        `openssl x509 -in ${file} -noout -checkend ${25 * 3600} || true`,
      );
      expect(end).toContain("will expire");
    }
  });
});
