import { clusterIds, etcdctl, etcdPki, etcdServersOf, members } from "../support/cluster/etcd";
import {
  allHosts,
  balancers,
  controlPlanes,
  etcdHosts,
  external,
  holders,
  nodeNames,
  virtualIp,
  whole,
} from "../support/suite/external";
import { nodes } from "../support/cluster/nodes";
import { tellHaproxyStories, tellSeedStories } from "../support/cluster/seed";

const urlOf = (name: string): string => `https://${external.addressOf(name)}:2379`;

describe("external etcd, two balancers and a virtual IP", () => {
  it("bring-up makes a verified cluster out of plain hosts", async () => {
    external.writeStackFile();
    await external.freshHosts();
    const run = await external.pulumiUp();
    console.log(`bring-up of 3 etcd, 2+1, 2 HAProxy: ${run.seconds.toFixed(1)} s`);
    const found = await nodes(external);
    expect([...found.keys()].sort()).toEqual(nodeNames);
    for (const node of found.values()) expect(node).toMatchObject({ ready: true });
    const health = await external.stackOutput("health");
    expect(health).toMatchObject({ nodes: 3, controlPlanes: 2, etcdMembers: 3, podNetwork: true });
    expect(await external.stackOutput("endpoint")).toBe(`https://${virtualIp}:6443`);
    await whole();
  });

  it("a second up changes nothing and contacts no host", async () => {
    const before = await external.sshLoginsOf(allHosts);
    for (const host of allHosts) expect(before[host]).toBeGreaterThan(0);
    const run = await external.pulumiUp(["--expect-no-changes"]);
    expect(run.changed).toEqual([]);
    expect(await external.sshLoginsOf(allHosts)).toEqual(before);
  });
});

describe("etcd's members", () => {
  it("are three, all started, none a learner, of one cluster", async () => {
    const found = await members(external, "etcd1");
    expect(found.map(({ name }) => name)).toEqual(etcdHosts);
    for (const member of found) {
      expect(member).toMatchObject({ started: true, learner: false });
      expect(member.clientUrl).toBe(urlOf(member.name));
    }
    expect(await clusterIds(external, "etcd1")).toHaveLength(1);
  });

  it.each(etcdHosts)("%s sees every endpoint healthy, as the seed asks", async (name) => {
    const health = await etcdctl(external, name, "endpoint health --cluster 2>&1");
    expect(health.match(/is healthy/g)).toHaveLength(etcdHosts.length);
  });

  it.each(etcdHosts)(
    "%s runs as its own user under systemd, which it tells when it is ready",
    async (name) => {
      const shown = await external.outputOf(
        name,
        "systemctl show etcd -p Type -p ActiveState -p User -p UnitFileState --value",
      );
      expect(shown.split(/\s+/).sort()).toEqual(["active", "enabled", "etcd", "notify"]);
      expect(await external.outputOf(name, "stat -c '%a %U %G' /var/lib/etcd")).toBe(
        "700 etcd etcd",
      );
      expect(await external.outputOf(name, "ps -o user= -C etcd")).toBe("etcd");
    },
  );

  it.each(etcdHosts)("%s listens on its own address and the loopback only", async (name) => {
    const sockets = await external.outputOf(name, "ss -Htlnp | grep '\"etcd\"'");
    const found = sockets.split("\n").map((line) => line.trim().split(/\s+/)[3]);
    const own = external.addressOf(name);
    expect(found.sort()).toEqual(
      [`${own}:2379`, `${own}:2380`, "127.0.0.1:2379", "127.0.0.1:2381"].sort(),
    );
  });

  it.each(etcdHosts)("%s serves metrics on the loopback", async (name) => {
    const page = await httpGet(name, 2381, "/metrics");
    expect(page).toContain("etcd_server_has_leader 1");
  });

  it("refuse a client without TLS, and one without a certificate", async () => {
    const address = external.addressOf("etcd1");
    const bare = await external.onHost("w1", `curl -sm 5 http://${address}:2379/version`);
    expect(bare.code).not.toBe(0);
    expect(bare.stdout).not.toContain("etcdserver");
    const unknown = await external.onHost("w1", `curl -ksm 5 https://${address}:2379/version`);
    expect(unknown.code).not.toBe(0);
    expect(unknown.stdout).not.toContain("etcdserver");
    // The positive control: with the API server's certificate the same question has an answer.
    const pki = "/etc/kubernetes/pki";
    const known = await external.outputOf(
      "cp1",
      `curl -sm 5 --cacert ${pki}/etcd/ca.crt --cert ${pki}/apiserver-etcd-client.crt --key ${pki}/apiserver-etcd-client.key https://${address}:2379/version`,
    );
    expect(known).toContain("etcdserver");
  });
});

describe("etcd's certificates, as openssl shows them", () => {
  it.each(
    etcdHosts.flatMap(
      (host) =>
        [
          [host, "server"],
          [host, "peer"],
        ] as const,
    ),
  )(
    "%s: the %s certificate is for both sides of a connection, and for this member alone",
    async (host, kind) => {
      const text = await external.outputOf(
        host,
        `openssl x509 -in ${etcdPki}/${kind}.crt -noout -ext extendedKeyUsage,subjectAltName`,
      );
      expect(text).toContain("TLS Web Server Authentication, TLS Web Client Authentication");
      const names = /Subject Alternative Name:[^\n]*\n\s*(.*)/.exec(text)?.[1]?.split(", ");
      const expected = [
        `DNS:${host}`,
        "DNS:localhost",
        `IP Address:${external.addressOf(host)}`,
        "IP Address:127.0.0.1",
      ];
      expect(names?.sort()).toEqual(expected.sort());
    },
  );

  it.each([
    ["etcd1", `${etcdPki}/health.crt`],
    ["cp1", "/etc/kubernetes/pki/apiserver-etcd-client.crt"],
  ])("%s: %s is a client's, and nothing else", async (host, file) => {
    const text = await external.outputOf(
      host,
      `openssl x509 -in ${file} -noout -ext extendedKeyUsage`,
    );
    expect(text).toContain("TLS Web Client Authentication");
    expect(text).not.toContain("Server");
  });

  it("keys are the members' own, and the CA's key is on no host", async () => {
    const keys = `find ${etcdPki} -name '*.key' -printf '%m %u\\n' | sort -u`;
    for (const host of etcdHosts) {
      // The members' keys, and that of the health check, which is the administrator's.
      expect(await external.outputOf(host, keys)).toBe("600 etcd\n600 root");
    }
    // Stacked control planes have it: kubeadm issues certificates with it there.
    const search = "find / -xdev -path '*etcd*' -name ca.key";
    for (const host of [...etcdHosts, ...controlPlanes]) {
      expect(`${host}: ${await external.outputOf(host, search)}`).toBe(`${host}: `);
    }
  });
});

describe("API servers", () => {
  it.each(controlPlanes)("%s reaches all members, and runs no etcd of its own", async (name) => {
    expect(await etcdServersOf(external, name)).toEqual(etcdHosts.map(urlOf));
    expect(await external.outputOf(name, "ps -o pid= -C etcd || true")).toBe("");
  });

  it("kubeadm knows the members", async () => {
    const config = await external.kubectl(
      "-n kube-system get configmap kubeadm-config -o jsonpath='{.data.ClusterConfiguration}'",
    );
    for (const host of etcdHosts) expect(config).toContain(urlOf(host));
    expect(config).toContain(`controlPlaneEndpoint: ${virtualIp}:6443`);
  });
});

describe("the balancers", () => {
  it("have the virtual IP on exactly one of them", async () => {
    expect(await holders()).toHaveLength(1);
  });

  it("answer at the virtual IP with a certificate that holds it", async () => {
    const names = await external.outputOf(
      "w1",
      `openssl s_client -connect ${virtualIp}:6443 </dev/null 2>/dev/null | openssl x509 -noout -ext subjectAltName`,
    );
    expect(names).toContain(`IP Address:${virtualIp}`);
  });

  it.each(balancers)("%s serves metrics for Prometheus", async (name) => {
    const page = await httpGet(name, 8405, "/metrics");
    for (const server of controlPlanes) {
      expect(page).toMatch(new RegExp(`haproxy_server_status\\{.*server="${server}".*"UP"\\} 1`));
    }
  });
});

tellHaproxyStories(external, balancers, { controlPlanes, nodes: nodeNames.length });
tellSeedStories(external, { controlPlanes, nodes: nodeNames.length }, () => virtualIp);

/** A page on a host's loopback, asked for without any client that the host might lack. */
function httpGet(host: string, port: number, path: string): Promise<string> {
  const request = `GET ${path} HTTP/1.0\\r\\n\\r\\n`;
  return external.outputOf(
    host,
    `exec 3<>/dev/tcp/127.0.0.1/${port}; printf '${request}' >&3; timeout 10 cat <&3`,
  );
}
