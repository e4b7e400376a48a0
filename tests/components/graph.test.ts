import { plan, standardInput, type Plan } from "../support/product";
import { agent, stackFile } from "../support/stackFile";

let product: Plan;
beforeAll(async () => {
  product = await plan(stackFile({ controlPlanes: 3, workers: 2 }, agent));
});

const hosts = ["lb1", "cp1", "cp2", "cp3", "w1", "w2"];
const nodes = hosts.slice(1);
const joins = nodes.map((name) => `${name}-join`);

it("has these Commands and no others", () => {
  expect([...product.commands.keys()].sort()).toEqual(
    [
      ...hosts.flatMap((name) => [`${name}-preflight`, `${name}-teardown`, `${name}-prepare`]),
      ...nodes.flatMap((name) => [`${name}-trust`, `${name}-join`]),
      ...["lb1-configure", "lb1-verify"],
      ...["found", "addons", "admit", "roster", "verify"].map((step) => `test-${step}`),
    ].sort(),
  );
});

describe("every host", () => {
  it.each(hosts)("%s: preflight, gate, teardown, prepare", (name) => {
    expect(product.edges(`${name}-preflight`)).toEqual([]);
    expect(product.edges(`${name}-teardown`)).toEqual(["test-gate"]);
    expect(product.edges(`${name}-prepare`)).toEqual([`${name}-teardown`]);
  });

  it.each(nodes)("%s is trusted with keys when it is prepared", (name) => {
    expect(product.edges(`${name}-trust`)).toEqual([`${name}-prepare`]);
  });

  it("is looked at before any is touched: the gate waits for every preflight, and for nothing else", () => {
    const gate = product.get("random:index/randomId:RandomId", "test-gate");
    expect([...gate.dependencies].sort()).toEqual(
      hosts.map((name) => product.command(`${name}-preflight`).urn).sort(),
    );
    expect(gate.options.ignoreChanges).toEqual(["*"]);
  });
});

describe("the cluster", () => {
  it("has a balancer before it is founded", () => {
    expect(product.edges("lb1-configure")).toEqual(["lb1-prepare"]);
    expect(product.edges("test-found")).toEqual(["cp1-trust", "lb1-configure"]);
  });

  it("admits its members when it is founded, and then gets its pod network", () => {
    expect(product.edges("test-admit")).toEqual(["cp1-trust", "lb1-configure", "test-found"]);
    expect(product.edges("test-addons")).toEqual(["test-admit"]);
  });

  it.each(nodes)("is joined by %s as soon as it is admitted, beside all others", (name) => {
    expect(product.edges(`${name}-join`)).toEqual([`${name}-trust`, "test-admit"].sort());
  });

  it("is made equal to the stack file after all joins and the pod network, and then verified", () => {
    expect(product.edges("test-roster")).toEqual([...joins, "test-addons", "test-admit"].sort());
    expect(product.edges("test-verify")).toEqual([...joins, "test-admit", "test-roster"].sort());
    // Also who joined in a run that failed before the roster: nothing else of it would change here.
    for (const step of ["test-roster", "test-verify"]) {
      expect(standardInput(product.command(step)).parameters["LEAVING"]).toBe("w9");
    }
    expect(product.edges("lb1-verify")).toEqual([
      "cp1-join",
      "cp2-join",
      "cp3-join",
      "lb1-configure",
    ]);
  });
});

it("waits for leaves only: a component would hold up all that is below it", () => {
  const components = new Set(product.resources.filter((r) => !r.custom).map(({ urn }) => urn));
  for (const { name, dependencies } of product.resources) {
    expect([name, dependencies.filter((urn) => components.has(urn))]).toEqual([name, []]);
  }
});

describe("what must never be made anew", () => {
  it("is the cluster's foundation", () => {
    const found = product.command("test-found");
    expect(found.options.ignoreChanges).toEqual(["*"]);
    expect(found.inputs).not.toHaveProperty("delete");
  });

  it("is the cluster's identity: its id, its keys and certificates", () => {
    const identity = product.resources.filter(({ type }) => /^(tls|random):/.test(type));
    expect(identity.map(({ name }) => name).sort()).toEqual(
      [
        ...["test-gate", "test-id", "test-service-account"],
        ...["ca", "front-proxy-ca", "etcd-ca"].flatMap((ca) => [`test-${ca}`, `test-${ca}`]),
        ...["kubernetes-admin", "kubeadm-ha-joiner"].flatMap((user) =>
          Array<string>(3).fill(`test-${user}`),
        ),
      ].sort(),
    );
    for (const { name, options } of identity) {
      expect([name, options.ignoreChanges]).toEqual([name, ["*"]]);
    }
  });

  it("is nothing else: all other changes reach the hosts", () => {
    const frozen = [...product.commands.values()].filter((c) => c.options.ignoreChanges.length > 0);
    expect(frozen.map(({ name }) => name)).toEqual(["test-found"]);
  });
});

describe("certificates", () => {
  it("of the CAs sign, for ten years", () => {
    for (const name of ["test-ca", "test-front-proxy-ca", "test-etcd-ca"]) {
      expect(product.get("tls:index/selfSignedCert:SelfSignedCert", name).inputs).toMatchObject({
        isCaCertificate: true,
        validityPeriodHours: 87_600,
        allowedUses: ["cert_signing", "crl_signing", "digital_signature", "key_encipherment"],
      });
    }
  });

  it("of clients are no server's, and neither user is a system:masters", () => {
    const subjects = ["test-kubernetes-admin", "test-kubeadm-ha-joiner"].map((name) => {
      const { allowedUses } = product.get(
        "tls:index/locallySignedCert:LocallySignedCert",
        name,
      ).inputs;
      expect(allowedUses).toEqual(["digital_signature", "key_encipherment", "client_auth"]);
      return product.get("tls:index/certRequest:CertRequest", name).inputs["subject"];
    });
    expect(subjects).toEqual([
      { commonName: "kubernetes-admin", organization: "kubeadm:cluster-admins" },
      { commonName: "kubeadm-ha-joiner", organization: "kubeadm-ha:joiners" },
    ]);
  });
});

describe("names", () => {
  it("are unique, even where a host is called like the stack or a step", async () => {
    const { resources } = await plan(
      stackFile(
        {},
        {
          ...agent,
          loadBalancer: { kind: "haproxy", hosts: [{ name: "test", address: "192.168.1.11" }] },
          workers: [
            { name: "api", address: "192.168.1.101" },
            { name: "gate", address: "192.168.1.102" },
          ],
          ssh: { user: "admin", agent: true, checkHostKeys: false },
        },
      ),
    );
    const urns = resources.map(({ urn }) => urn);
    expect(urns.filter((urn, i) => urns.indexOf(urn) !== i)).toEqual([]);
  });

  it("of a host's own Commands survive a change of its role: its teardown stays what it was", async () => {
    const asWorker = await plan(stackFile({ controlPlanes: 1, workers: 2 }, agent));
    const [first] = stackFile({ workers: 1 }).workers ?? [];
    if (first === undefined) throw new Error("there is a worker");
    const promoted = await plan(
      stackFile(
        {},
        {
          ...agent,
          controlPlanes: [...stackFile({ controlPlanes: 2 }).controlPlanes, first],
          workers: [],
        },
      ),
    );
    for (const step of ["preflight", "teardown", "prepare", "trust"]) {
      expect(promoted.command(`w1-${step}`).urn).toBe(asWorker.command(`w1-${step}`).urn);
    }
    expect(promoted.command("w1-teardown").urn).toContain(
      "kubeadm-ha:index:Host$command:remote:Command",
    );
  });

  it("of components say what they are", () => {
    const components = product.resources.filter(({ custom }) => !custom);
    expect(components.map(({ type, name, parent }) => [type.split(":")[2], name, parent])).toEqual(
      expect.arrayContaining([
        ["ClusterPki", "test-pki", ""],
        ["LoadBalancer", "api", ""],
        ["Cluster", "test", ""],
        ["ControlPlaneNode", "cp1", ""],
        ["WorkerNode", "w1", ""],
        ["Roster", "test", ""],
        ["Host", "w1", ""],
      ]),
    );
  });
});

it("is planned without knowing any output: a preview shows every resource", async () => {
  const preview = await plan(stackFile({ controlPlanes: 3, workers: 2 }, agent), { preview: true });
  const shown = (plan: Plan): string[] => plan.resources.map(({ urn }) => urn).sort();
  expect(shown(preview)).toEqual(shown(product));
  for (const name of product.commands.keys())
    expect(preview.edges(name)).toEqual(product.edges(name));
});
