import type { SpecInput } from "../../config/spec";
import { hostsWithPaths } from "../../config/problem";
import { validate } from "../../config/validate";
import { hosts, stackFile, type Shape } from "../support/stackFile";
import { problemsOf, withWorker } from "./problemLines";

describe("a stack file that is right", () => {
  it.each<Partial<Shape>>([
    { controlPlanes: 1, workers: 0 },
    { controlPlanes: 3, workers: 2 },
    { controlPlanes: 5, workers: 0, balancers: 2 },
    { controlPlanes: 7, workers: 20, balancers: 3 },
  ])("passes: %j", (shape) => {
    expect(problemsOf(stackFile(shape))).toEqual([]);
  });

  it("gets its defaults", () => {
    const validation = validate({
      kubernetes: { version: "1.37.2" },
      ssh: { user: "admin" },
      loadBalancer: { kind: "haproxy", hosts: [{ name: "lb", address: "10.0.0.1" }] },
      controlPlanes: [{ name: "cp1", address: "10.0.0.2" }],
    });
    const node = {
      name: "cp1",
      address: "10.0.0.2",
      generation: 1,
      gone: false,
      labels: {},
      taints: [],
    };
    expect(validation).toEqual({
      ok: true,
      spec: {
        kubernetes: {
          version: "1.37.2",
          cluster: {},
          kubelet: {},
          kubeProxy: {},
          ignorePreflightErrors: [],
        },
        containerd: { package: "containerd", settings: {} },
        ssh: {
          user: "admin",
          port: 22,
          agent: false,
          knownHosts: "~/.ssh/known_hosts",
          checkHostKeys: true,
        },
        loadBalancer: {
          kind: "haproxy",
          hosts: [{ name: "lb", address: "10.0.0.1", generation: 1, gone: false }],
          port: 6443,
          check: { intervalMs: 1000, fall: 3, rise: 2 },
          metrics: { address: "127.0.0.1", port: 8405 },
          vrrp: { routerId: 51, advertIntervalMs: 250 },
        },
        etcd: { topology: "stacked" },
        controlPlanes: [node],
        workers: [],
        network: {
          podSubnet: "10.244.0.0/16",
          serviceSubnet: "10.96.0.0/12",
          dnsDomain: "cluster.local",
          cni: {
            plugin: "flannel",
            backend: "vxlan",
            image: "ghcr.io/flannel-io/flannel:v0.28.10",
            cniPluginImage: "ghcr.io/flannel-io/flannel-cni-plugin:v1.9.1-flannel1",
          },
          hostsEntries: false,
        },
        mirror: {},
        loginUserKubeconfig: true,
      },
    });
  });

  it("has a path for every host", () => {
    const validation = validate(stackFile({ controlPlanes: 1, workers: 1 }));
    if (!validation.ok) throw new Error("the stack file should be right");
    expect(hostsWithPaths(validation.spec).map(([path, { name }]) => [path, name])).toEqual([
      ["loadBalancer.hosts[0]", "lb1"],
      ["controlPlanes[0]", "cp1"],
      ["workers[0]", "w1"],
    ]);
  });
});

describe("single values", () => {
  it.each([
    ["nothing at all", {}, "kubernetes: is missing"],
    [
      "a wrong type, which is not called missing",
      withWorker({ name: 5 }),
      "workers[0].name: must be text, not a number; put it in quotes",
    ],
    ["a name", withWorker({ name: "W_1" }), "workers[0].name: must be a DNS label"],
    ["an address", withWorker({ address: "10.0.0.300" }), "workers[0].address: must be an IPv4"],
    [
      "an address that is missing",
      withWorker({ address: undefined }),
      "workers[0].address: is missing",
    ],
    ["a port", withWorker({ ssh: { port: 70000 } }), "workers[0].ssh.port: must be at most 65535"],
    ["a user", withWorker({ ssh: { user: "-rf" } }), "workers[0].ssh.user: must be a Linux user"],
    [
      "a key of another kind",
      withWorker({ ssh: { hostKey: "ssh-rsa AAAA" } }),
      "workers[0].ssh.hostKey: must be one line such as `ssh-ed25519 AAAA…`",
    ],
    ["a generation", withWorker({ generation: 0 }), "workers[0].generation: must be at least 1"],
    [
      "a label's key",
      withWorker({ labels: { "a b": "c" } }),
      "workers[0].labels.a b: must be a Kubernetes label key such as example.com/disk",
    ],
    [
      "a label's value",
      withWorker({ labels: { disk: "ssd,hdd" } }),
      "workers[0].labels.disk: must be a Kubernetes label value",
    ],
    [
      "a taint's effect",
      withWorker({ taints: [{ key: "a", effect: "Never" }] }),
      "workers[0].taints[0].effect: must be NoSchedule, PreferNoSchedule or NoExecute",
    ],
    [
      "a version",
      { ...stackFile(), kubernetes: { version: "v1.37.2" } },
      "kubernetes.version: must be an exact version such as 1.37.2, without a leading v or leading zeros",
    ],
    [
      "a mistyped address as the endpoint, which is not taken for a name",
      stackFile({}, { endpoint: "192.168.1.999" }),
      "endpoint: must be an IPv4 address or a DNS name",
    ],
    [
      "a network with a host's address",
      stackFile({}, { network: { podSubnet: "10.244.7.0/16" } }),
      "network.podSubnet: must be written with its network address, 10.244.0.0",
    ],
    [
      "a mirror with a password",
      stackFile({}, { mirror: { images: "http://me:secret@10.0.0.9" } }),
      "mirror.images: must be an http:// or https:// address without user",
    ],
    [
      "a kind of balancer",
      { ...stackFile(), loadBalancer: { kind: "f5", hosts: [] } },
      "loadBalancer.kind: must be haproxy, nginx or existing",
    ],
    [
      "a topology of etcd",
      { ...stackFile(), etcd: { topology: "managed" } },
      "etcd.topology: must be stacked or external",
    ],
    [
      "a network plugin",
      { ...stackFile(), network: { cni: { plugin: "calico" } } },
      "network.cni.plugin: must be flannel, manifest (with a file) or none",
    ],
    [
      "a preflight check's name",
      stackFile({}, { kubernetes: { version: "1.37.2", ignorePreflightErrors: ["Swap; reboot"] } }),
      "kubernetes.ignorePreflightErrors[0]: must be the name of a kubeadm preflight check",
    ],
  ])("names %s", (_, input, problem) => {
    expect(problemsOf(input)).toContainEqual(expect.stringContaining(problem));
  });
});

describe("unknown keys", () => {
  it.each([
    [
      "a slip",
      { ...stackFile(), controlPlane: [] },
      "controlPlane: unknown key; did you mean controlPlanes?",
    ],
    [
      "a slip in a list's entry",
      withWorker({ adress: "10.0.0.1" }),
      "workers[0].adress: unknown key; did you mean address?",
    ],
    [
      "another letter case",
      { ...stackFile(), ssh: { user: "admin", privatekeyfile: "k" } },
      "ssh.privatekeyfile: unknown key; did you mean privateKeyFile?",
    ],
    [
      "something else",
      { ...stackFile(), network: { mtu: 1400, cni: { plugin: "none" } } },
      "network.mtu: unknown key; known here: podSubnet, serviceSubnet, dnsDomain, cni, hostsEntries",
    ],
    [
      "a slip in the key of another kind of balancer",
      { ...stackFile(), loadBalancer: { kind: "nginx", hosts: hosts("lb", 1, 10), virtualIP: "" } },
      "loadBalancer.virtualIP: unknown key; did you mean virtualIp?",
    ],
    [
      "a key that only another kind of balancer has",
      { ...stackFile(), loadBalancer: { kind: "nginx", hosts: hosts("lb", 1, 10), check: {} } },
      "loadBalancer.check: unknown key; known here: kind, hosts, port, virtualIp, vrrp",
    ],
    [
      "a slip in a host of a balancer",
      {
        ...stackFile(),
        loadBalancer: { kind: "nginx", hosts: [{ name: "lb1", addres: "10.0.0.1" }] },
      },
      "loadBalancer.hosts[0].addres: unknown key; did you mean address?",
    ],
    [
      "below a union",
      { ...stackFile(), etcd: { topology: "stacked", hosts: [] } },
      "etcd.hosts: unknown key; known here: topology",
    ],
  ])("are told with what was meant: %s", (_, input, problem) => {
    expect(problemsOf(input)).toContain(problem);
  });
});

describe("rules across fields", () => {
  const invalid = (shape: Partial<Shape>, more: Partial<SpecInput>): string[] =>
    problemsOf(stackFile(shape, more));

  it.each([
    ["1.29.9", ["kubernetes.version: 1.29.9 is not supported: 1.30 to 1.37 are"]],
    ["1.30.14", []],
    ["1.37.0", []],
    ["1.38.0", ["kubernetes.version: 1.38.0 is not supported: 1.30 to 1.37 are"]],
  ])("Kubernetes %s", (version, problems) => {
    expect(invalid({}, { kubernetes: { version } })).toEqual(problems);
  });

  it("lets a machine have one entry only: by name, by address, by where it is dialled", () => {
    const [worker] = hosts("w", 1, 100);
    const twin = (changes: object): SpecInput["workers"] => [
      { ...worker, name: "w1", address: "192.168.1.101" },
      { name: "w9", address: "192.168.1.109", ...changes },
    ];
    const told = "each machine has one entry and one role";
    expect(invalid({}, { workers: twin({ name: "cp1" }) })).toEqual([
      `workers[1].name: cp1 is already used by controlPlanes[0]; ${told}`,
    ]);
    expect(invalid({}, { workers: twin({ address: "192.168.1.11" }) })).toEqual([
      `workers[1].address: 192.168.1.11 is already used by loadBalancer.hosts[0]; ${told}`,
    ]);
    expect(invalid({}, { workers: twin({ ssh: { host: "192.168.1.101" } }) })).toEqual([
      `workers[1].ssh: 192.168.1.101:22 is already used by workers[0]; ${told}`,
    ]);
    expect(invalid({}, { workers: twin({ ssh: { host: "192.168.1.101", port: 2222 } }) })).toEqual(
      [],
    );
  });

  it("keeps pods, services and hosts in networks of their own", () => {
    expect(
      invalid({}, { network: { podSubnet: "10.96.0.0/16", serviceSubnet: "10.96.0.0/12" } }),
    ).toEqual(["network.serviceSubnet: 10.96.0.0/12 overlaps with network.podSubnet 10.96.0.0/16"]);
    expect(
      invalid({ controlPlanes: 1, workers: 0 }, { network: { podSubnet: "192.168.1.16/28" } }),
    ).toEqual([
      "controlPlanes[0].address: 192.168.1.21 lies inside network.podSubnet 192.168.1.16/28",
      "network.podSubnet: 192.168.1.16/28 has room for 0 nodes (a /24 each), the stack has 1",
    ]);
    expect(
      invalid({ controlPlanes: 1, workers: 0 }, { network: { serviceSubnet: "192.168.1.0/28" } }),
    ).toEqual([
      "loadBalancer.hosts[0].address: 192.168.1.11 lies inside network.serviceSubnet 192.168.1.0/28",
    ]);
    // The borders: the network beside it is free, and a /24 for each of four nodes is enough.
    expect(
      invalid(
        { controlPlanes: 3, workers: 1 },
        { network: { podSubnet: "10.0.4.0/22", serviceSubnet: "10.0.8.0/24" } },
      ),
    ).toEqual([]);
  });

  it.each([2, 4, 6])("refuses %d control planes, an even number of etcd members", (count) => {
    expect(invalid({ controlPlanes: count }, {})).toEqual([
      `controlPlanes: ${count} control planes with stacked etcd: an even number of etcd members survives no more failures than ${count - 1}; use 1, 3, 5 or 7`,
    ]);
  });

  it("wants 1 to 7 control planes", () => {
    expect(invalid({ controlPlanes: 0 }, {})).toEqual(["controlPlanes: needs at least 1 entry"]);
    expect(invalid({ controlPlanes: 9 }, {})).toEqual(["controlPlanes: takes at most 7 entries"]);
  });

  it("wants one endpoint for several balancers, and none that is a node", () => {
    expect(invalid({ balancers: 2 }, { endpoint: undefined })).toEqual([
      "endpoint: is missing: several balancers need loadBalancer.virtualIp, or a DNS name for all of them here",
    ]);
    const leads = "the endpoint must lead to the load balancer";
    expect(invalid({}, { endpoint: "192.168.1.21" })).toEqual([
      `endpoint: 192.168.1.21 is cp1 itself; ${leads}`,
    ]);
    expect(invalid({}, { endpoint: "w2" })).toEqual([`endpoint: is the name of w2; ${leads}`]);
  });

  it("takes a virtual IP that is nobody's own address, with one balancer or several", () => {
    const balancers = (count: number, virtualIp: string): SpecInput["loadBalancer"] => ({
      kind: "haproxy",
      hosts: hosts("lb", count, 10),
      virtualIp,
    });
    for (const count of [1, 2]) {
      expect(invalid({}, { loadBalancer: balancers(count, "192.168.1.9") })).toEqual([]);
    }
    expect(invalid({}, { loadBalancer: balancers(2, "192.168.1.12") })).toEqual([
      "loadBalancer.virtualIp: 192.168.1.12 is loadBalancer.hosts[1]'s own address; a virtual IP is an address that no machine has",
    ]);
    expect(invalid({}, { loadBalancer: balancers(2, "10.244.0.9") })).toEqual([
      "loadBalancer.virtualIp: 10.244.0.9 lies inside network.podSubnet 10.244.0.0/16",
    ]);
  });

  it("keeps HAProxy's metrics off the API's port", () => {
    const loadBalancer: SpecInput["loadBalancer"] = {
      kind: "haproxy",
      hosts: hosts("lb", 1, 10),
      metrics: { port: 6443 },
    };
    expect(invalid({}, { loadBalancer })).toEqual([
      "loadBalancer.metrics.port: 6443 is loadBalancer.port already; choose another",
    ]);
  });

  it("takes the endpoint of an existing balancer from one place, and never a node's", () => {
    const existing = (endpoint: string): Partial<SpecInput> => ({
      loadBalancer: { kind: "existing", endpoint },
    });
    expect(invalid({}, existing("api.example.com"))).toEqual([]);
    expect(invalid({}, { ...existing("api.example.com"), endpoint: "api.example.com" })).toEqual([
      "endpoint: is given by loadBalancer.endpoint already: a load balancer of kind existing has one",
    ]);
    expect(invalid({}, existing("192.168.1.21"))).toEqual([
      "loadBalancer.endpoint: 192.168.1.21 is cp1 itself; the endpoint must lead to the load balancer",
    ]);
  });

  it.each([
    [1, "one etcd host: its loss is the loss of all the cluster's data"],
    [2, "2 etcd hosts: an even number survives no more failures than 1; use 3, 5 or 7"],
    [3, undefined],
    [4, "4 etcd hosts: an even number survives no more failures than 3; use 3, 5 or 7"],
    [5, undefined],
    [7, undefined],
  ])("external etcd on %d hosts", (etcd, problem) => {
    expect(invalid({ etcd }, {})).toEqual(
      problem === undefined ? [] : [expect.stringContaining(`etcd.hosts: ${problem}`)],
    );
  });

  it("lets machines that are gone leave, and others take their place, whatever their number in that run", () => {
    const gone = <T extends object>(entries: readonly T[], ...indices: number[]): T[] =>
      entries.map((entry, i) => (indices.includes(i) ? { ...entry, gone: true } : entry));
    expect(invalid({}, { controlPlanes: gone(hosts("cp", 3, 20), 0) })).toEqual([]);
    expect(invalid({}, { controlPlanes: gone(hosts("cp", 4, 20), 0) })).toEqual([]);
    const etcd = (...indices: number[]): Partial<SpecInput> => ({
      etcd: { topology: "external", hosts: gone(hosts("etcd", 4, 30), ...indices) },
    });
    expect(invalid({}, etcd(2))).toEqual([]);
    expect(invalid({}, etcd(0, 1, 2, 3))).toEqual([
      expect.stringMatching(/^etcd\.hosts: all are gone: at least one must be left/),
    ]);
    expect(invalid({ workers: 1 }, { workers: gone(hosts("w", 1, 100), 0) })).toEqual([]);
    expect(invalid({}, { controlPlanes: gone(hosts("cp", 1, 20), 0) })).toEqual([
      expect.stringMatching(/^controlPlanes: all are gone/),
    ]);
  });

  it("takes one etcd host where the stack says so, and any number of control planes with it", () => {
    const single = {
      topology: "external",
      hosts: hosts("etcd", 1, 30),
      allowSingle: true,
    } as const;
    expect(invalid({ controlPlanes: 2 }, { etcd: single })).toEqual([]);
  });

  it.each([
    ["1.37.2", "3.5.23", "3.5.23 is too old: kubeadm 1.37.2 takes an external etcd from 3.5.24 on"],
    ["1.37.2", "3.5.24", undefined],
    ["1.30.14", "3.5.9", undefined],
    ["1.30.14", "3.5.2", "3.5.2 must not be used: "],
    ["1.37.2", "3.7.3", undefined],
  ])("Kubernetes %s with etcd %s", (version, etcdVersion, problem) => {
    const etcd = {
      topology: "external",
      hosts: hosts("etcd", 3, 30),
      version: etcdVersion,
    } as const;
    expect(invalid({}, { kubernetes: { version }, etcd })).toEqual(
      problem === undefined ? [] : [expect.stringContaining(`etcd.version: ${problem}`)],
    );
  });

  it("wants an election to wait for five heartbeats, as etcd does", () => {
    const etcd = (electionTimeoutMs: number): Partial<SpecInput> => ({
      etcd: {
        topology: "external",
        hosts: hosts("etcd", 3, 30),
        heartbeatIntervalMs: 200,
        electionTimeoutMs,
      },
    });
    expect(invalid({}, etcd(1000))).toEqual([]);
    expect(invalid({}, etcd(999))).toEqual([
      "etcd.electionTimeoutMs: 999 is less than five heartbeats of 200 ms, which etcd refuses",
    ]);
  });

  it("knows an etcd host for a machine like any other", () => {
    const etcd: SpecInput["etcd"] = {
      topology: "external",
      hosts: [...hosts("etcd", 2, 30), { name: "cp1", address: "192.168.1.33" }],
    };
    expect(invalid({}, { etcd })).toEqual([
      "controlPlanes[0].name: cp1 is already used by etcd.hosts[2]; each machine has one entry and one role",
    ]);
  });

  it("lets certificates be renewed no earlier than they are made", () => {
    const certificates = { validityHours: 100, earlyRenewalHours: 101 };
    const etcd = { topology: "external", hosts: hosts("etcd", 3, 30), certificates } as const;
    expect(invalid({}, { etcd })).toEqual([
      "etcd.certificates.earlyRenewalHours: 101 is more than the certificates' validity of 100 hours",
    ]);
  });

  it("wants one way to log in", () => {
    expect(invalid({}, { ssh: { user: "admin", agent: true, privateKeyFile: "key" } })).toEqual([
      "ssh.privateKeyFile: ssh.agent is set too: choose one of them",
    ]);
  });

  it.each([
    ["v1beta3", (value: string) => ({ extraArgs: { "anonymous-auth": value } })],
    ["v1beta4", (value: string) => ({ extraArgs: [{ name: "anonymous-auth", value }] })],
  ])("keeps anonymous access for the health check: %s", (_, apiServer) => {
    const problems = (value: string): string[] =>
      invalid({}, { kubernetes: { version: "1.37.2", cluster: { apiServer: apiServer(value) } } });
    expect(problems("false")).toEqual([
      "kubernetes.cluster.apiServer: anonymous-auth must stay on: the load balancer asks /readyz without a client certificate",
    ]);
    expect(problems("true")).toEqual([]);
  });
});

it("reports all problems at once, in the order of the file", () => {
  expect(
    problemsOf({
      ...stackFile(),
      kubernetes: { version: "1.37" },
      endpoint: "not a name",
      workers: [{ name: "w1", address: "here", lables: {} }],
    }),
  ).toEqual([
    "kubernetes.version: must be an exact version such as 1.37.2, without a leading v or leading zeros",
    "endpoint: must be an IPv4 address or a DNS name",
    "workers[0].address: must be an IPv4 address such as 192.168.1.11",
    "workers[0].lables: unknown key; did you mean labels?",
  ]);
  const [first] = hosts("cp", 1, 20);
  expect(
    problemsOf({
      ...stackFile(),
      kubernetes: { version: "1.20.0" },
      controlPlanes: [first, first],
    }).map((problem) => problem.split(":")[0]),
  ).toEqual([
    "kubernetes.version",
    "controlPlanes",
    "controlPlanes[1].name",
    "controlPlanes[1].address",
  ]);
});

it("gives a stack file with ten mistakes ten lines, those of the schema and those across fields", () => {
  const [cp1, cp2] = hosts("cp", 2, 20);
  const wrong = {
    ...stackFile({ etcd: 4 }),
    kubernetes: { version: "1.29.9" },
    endpoint: "192.168.1.21",
    loadBalancer: { kind: "haproxy", hosts: hosts("lb", 1, 10), metrics: { port: 6443 } },
    controlPlanes: [cp1, { ...cp2, adress: "192.168.1.22" }, { ...cp1, name: "cp3" }],
    workers: [{ name: "w_1", address: "192.168.1.101" }, { name: "cp1" }],
    network: { podSubnet: "10.96.0.0/16", serviceSubnet: "10.96.0.0/12" },
    netwrok: {},
  };
  expect(problemsOf(wrong)).toEqual([
    "kubernetes.version: 1.29.9 is not supported: 1.30 to 1.37 are",
    "endpoint: 192.168.1.21 is cp1 itself; the endpoint must lead to the load balancer",
    "loadBalancer.metrics.port: 6443 is loadBalancer.port already; choose another",
    "etcd.hosts: 4 etcd hosts: an even number survives no more failures than 3; use 3, 5 or 7",
    "controlPlanes[1].adress: unknown key; did you mean address?",
    "controlPlanes[2].address: 192.168.1.21 is already used by controlPlanes[0]; each machine has one entry and one role",
    "workers[0].name: must be a DNS label: lower-case letters, digits and dashes, at most 63, with a letter or digit at both ends",
    "workers[1].address: is missing",
    "network.serviceSubnet: 10.96.0.0/12 overlaps with network.podSubnet 10.96.0.0/16",
    "netwrok: unknown key; did you mean network?",
  ]);
});

describe("where a part of the file is wrong", () => {
  const known = (input: object): string[] => problemsOf({ ...stackFile(), ...input });

  it("says nothing that would not be true once it is mended", () => {
    // A port that cannot be read is not the default port, an endpoint that cannot be read is not missing.
    expect(
      known({ loadBalancer: { kind: "haproxy", hosts: [], metrics: { port: 6443 } } }),
    ).toEqual(["loadBalancer.hosts: needs at least 1 entry"]);
    expect(
      known({ loadBalancer: stackFile({ balancers: 2 }).loadBalancer, endpoint: "a b" }),
    ).toEqual(["endpoint: must be an IPv4 address or a DNS name"]);
    const local = (name: string, port: unknown): object => ({
      name,
      address: `192.168.1.${name.length + 100}`,
      ssh: { host: "127.0.0.1", port },
    });
    expect(known({ workers: [local("w", "a"), local("ww", "b")] })).toHaveLength(2);
  });

  it("counts a host whose entry is wrong", () => {
    const [cp1, cp2, cp3] = hosts("cp", 3, 20);
    expect(known({ controlPlanes: [cp1, cp2, { ...cp3, zone: "a b" }] })).toEqual([
      expect.stringMatching(/^controlPlanes\[2\].zone: /),
    ]);
    expect(known({ controlPlanes: [cp1, { ...cp2, zone: "a b" }] })).toEqual([
      expect.stringMatching(/^controlPlanes: 2 control planes with stacked etcd/),
      expect.stringMatching(/^controlPlanes\[1\].zone: /),
    ]);
  });

  it("still knows the hosts of a balancer whose check is wrong, and none that do not belong there", () => {
    const [cp1] = hosts("cp", 1, 20);
    expect(known({ loadBalancer: { kind: "haproxy", hosts: [cp1], check: { rise: 0 } } })).toEqual([
      "loadBalancer.check.rise: must be at least 1",
      expect.stringMatching(/^controlPlanes\[0\].name: cp1 is already used/),
      expect.stringMatching(/^controlPlanes\[0\].address: /),
    ]);
    expect(known({ etcd: { topology: "stacked", hosts: [cp1] } })).toEqual([
      "etcd.hosts: unknown key; known here: topology",
    ]);
  });
});
