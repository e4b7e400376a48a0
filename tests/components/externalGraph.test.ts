import { plan, standardInput, type Plan } from "../support/product";
import { agent, stackFile } from "../support/stackFile";

let product: Plan;
beforeAll(async () => {
  product = await plan(
    stackFile({ controlPlanes: 2, workers: 1, balancers: 2, virtualIp: true, etcd: 3 }, agent),
  );
});

const members = ["etcd1", "etcd2", "etcd3"];
const joins = members.map((name) => `${name}-join`);

it("has these Commands for etcd, and no others", () => {
  const own = [...product.commands.keys()].filter((name) => name.startsWith("etcd"));
  expect(own.sort()).toEqual(
    [
      ...members.flatMap((name) =>
        ["preflight", "teardown", "prepare", "trust", "join"].map((step) => `${name}-${step}`),
      ),
      ...["etcd-found", "etcd-admit", "etcd-roster"],
    ].sort(),
  );
});

describe("etcd", () => {
  it("is founded on its first host, admits its members, and they join one after the other", () => {
    expect(product.edges("etcd-found")).toEqual(["etcd1-trust"]);
    expect(product.edges("etcd-admit")).toEqual(["etcd-found", "etcd1-trust"]);
    expect(product.edges("etcd1-join")).toEqual(["etcd-admit", "etcd1-trust"]);
    expect(product.edges("etcd2-join")).toEqual(["etcd1-join", "etcd2-trust"]);
    expect(product.edges("etcd3-join")).toEqual(["etcd2-join", "etcd3-trust"]);
  });

  it("loses members when no API server lists them any more", () => {
    expect(product.edges("etcd-roster")).toEqual(
      [...joins, "cp1-version", "cp2-version", "etcd-admit"].sort(),
    );
    expect(standardInput(product.command("etcd-roster")).parameters["LEAVING"]).toBe("etcd9");
  });

  it("is never founded again, nor are its CA and the keys made anew", () => {
    for (const { name, type, options } of product.resources) {
      const frozen =
        name === "etcd-found" || name === "test-etcd-ca" || type.endsWith(":PrivateKey");
      if (frozen) expect([name, options.ignoreChanges]).toEqual([name, ["*"]]);
    }
  });
});

describe("etcd's certificates", () => {
  const certificate = (name: string) =>
    product.get("tls:index/locallySignedCert:LocallySignedCert", `test-etcd-${name}`);
  const request = (name: string) =>
    product.get("tls:index/certRequest:CertRequest", `test-etcd-${name}`).inputs;

  it.each(members.flatMap((name) => [`${name}-server`, `${name}-peer`]))(
    "%s is a server's and a client's, for that member's names and addresses",
    (name) => {
      const member = name.replace(/-(server|peer)$/, "");
      const address = `192.168.1.3${member.slice(-1)}`;
      expect(certificate(name).inputs["allowedUses"]).toEqual([
        ...["digital_signature", "key_encipherment", "server_auth", "client_auth"],
      ]);
      expect(request(name)).toMatchObject({
        subject: { commonName: member },
        dnsNames: [member, "localhost"],
        ipAddresses: [address, "127.0.0.1"],
      });
    },
  );

  it("are asked for when all hosts are fit: a run that is refused changes none", () => {
    const gate = product.get("random:index/randomId:RandomId", "test-gate").urn;
    const names = members.flatMap((name) => [`${name}-server`, `${name}-peer`]);
    for (const name of [...names, "api-server-client", "health-client"]) {
      const { dependencies } = product.get(
        "tls:index/certRequest:CertRequest",
        `test-etcd-${name}`,
      );
      expect([name, dependencies]).toEqual([name, expect.arrayContaining([gate])]);
    }
  });

  it.each(["api-server-client", "health-client"])("%s is no server's", (name) => {
    expect(certificate(name).inputs["allowedUses"]).toEqual([
      ...["digital_signature", "key_encipherment", "client_auth"],
    ]);
  });

  it("are renewed: time and changes may replace them", () => {
    for (const name of ["etcd1-server", "etcd1-peer", "api-server-client", "health-client"]) {
      expect(certificate(name).options.ignoreChanges).toEqual([]);
      expect(certificate(name).inputs).toMatchObject({
        validityPeriodHours: 26_280,
        earlyRenewalHours: 8_760,
      });
    }
  });

  it("reach a member in its turn: its join knows what they are", () => {
    const { CERTIFICATES } = standardInput(product.command("etcd2-join")).parameters;
    expect(CERTIFICATES).toMatch(/^[0-9a-f]{64} [0-9a-f]{64}$/);
  });
});

describe("the Kubernetes cluster on it", () => {
  it("is founded when etcd is whole and the balancers answer", () => {
    expect(product.edges("test-found")).toEqual(
      ["cp1-trust", "lb1-configure", "lb2-configure", ...joins].sort(),
    );
    expect(product.edges("test-admit")).toContain("etcd-admit");
  });

  it("is joined by all control planes at once, whose settings follow one after the other", () => {
    expect(product.edges("cp1-join")).toEqual(["cp1-trust", "test-admit"]);
    expect(product.edges("cp2-join")).toEqual(["cp2-trust", "test-admit"]);
    const before = ["etcd-admit", ...joins];
    expect(product.edges("cp1-version")).toEqual(["cp1-join", ...before].sort());
    expect(product.edges("cp2-version")).toEqual(["cp1-version", "cp2-join", ...before].sort());
    // Members that came and left in between are no reason in the list itself.
    expect(standardInput(product.command("cp1-version")).parameters["LEAVING"]).toBe("etcd9");
  });

  it("has its API servers' way into etcd, and no key of etcd's CA, on control planes", () => {
    const { parameters } = standardInput(product.command("cp1-trust"));
    expect(parameters["ETCD_CA_KEY"]).toBe("");
    expect(parameters["ETCD_CLIENT_KEY"]).toContain("PRIVATE KEY");
    expect(parameters["ETCD_CLIENT_CERTIFICATE"]).toContain("CERTIFICATE");
  });

  it("tells kubeadm where etcd is", () => {
    const { KUBEADM_CONFIG } = standardInput(product.command("test-found")).parameters;
    for (const i of [1, 2, 3]) expect(KUBEADM_CONFIG).toContain(`- https://192.168.1.3${i}:2379\n`);
    expect(product.outputs.etcdEndpoints).toEqual([
      "https://192.168.1.31:2379",
      "https://192.168.1.32:2379",
      "https://192.168.1.33:2379",
    ]);
  });

  it("is reached at the virtual IP", () => {
    expect(product.outputs.endpoint).toBe("https://192.168.1.9:6443");
    const { KUBEADM_CONFIG } = standardInput(product.command("test-found")).parameters;
    expect(KUBEADM_CONFIG).toContain("controlPlaneEndpoint: 192.168.1.9:6443");
  });
});

describe.each([0, 3])(
  "a load balancer that exists already, with %d hosts of external etcd",
  (etcd) => {
    it("is not built: the cluster is founded at its endpoint", async () => {
      const loadBalancer = { kind: "existing", endpoint: "api.example.com", port: 443 } as const;
      const existing = await plan(
        stackFile({ controlPlanes: 1, workers: 0, etcd }, { ...agent, loadBalancer }),
      );
      expect([...existing.commands.keys()].filter((name) => name.startsWith("lb"))).toEqual([]);
      expect(existing.outputs.endpoint).toBe("https://api.example.com:443");
      const formed = etcd === 0 ? [] : joins;
      expect(existing.edges("test-found")).toEqual(["cp1-trust", ...formed].sort());
      const { parameters } = standardInput(existing.command("test-found"));
      expect(parameters["BALANCER"]).toBe("existing");
      expect(parameters["ENDPOINT"]).toBe("api.example.com:443");
    });
  },
);
