import fc from "fast-check";
import { z } from "zod";

import { etcdUnit } from "../../components/render/etcd";
import { specSchema, type SpecInput } from "../../config/spec";
import { validate } from "../../config/validate";
import { hosts, stackFile } from "../support/stackFile";

/**
 * What a shell, a line of words, YAML, TOML or HAProxy's configuration could take for more than a value, and a leading dash,
 * which programs take for an option. Blanks stand in host key lines only, which go to the SSH client alone.
 */
const dangerous = /^-|[\x00-\x20\x7f-\uffff'"`$\\;&|<>(){}[\]*?!#%^]/;

const built = stackFile({ controlPlanes: 1, workers: 1, balancers: 2, etcd: 3, virtualIp: true });

/** Every key that a stack file can have, but for free fragments: those are data that YAML and TOML writers quote. */
const complete: SpecInput = {
  ...built,
  name: "prod",
  endpoint: "api.example.com",
  kubernetes: { version: "1.37.2", ignorePreflightErrors: ["Swap"] },
  containerd: { package: "containerd.io" },
  ssh: {
    user: "admin",
    port: 22,
    agent: true,
    knownHosts: "~/.ssh/known_hosts",
    checkHostKeys: true,
    bastion: { host: "jump.example.com", port: 22, user: "jumper" },
  },
  loadBalancer: {
    kind: "haproxy",
    hosts: hosts("lb", 2, 10),
    port: 6443,
    virtualIp: "192.168.1.9",
    vrrp: { routerId: 51, advertIntervalMs: 250 },
    check: { intervalMs: 1000, fall: 2, rise: 2 },
    metrics: { address: "127.0.0.1", port: 8405 },
  },
  etcd: {
    topology: "external",
    hosts: hosts("etcd", 3, 30),
    allowSingle: false,
    version: "3.7.3",
    checksumsFile: "etcd-SHA256SUMS",
    quotaMib: 8192,
    heartbeatIntervalMs: 100,
    electionTimeoutMs: 1000,
    service: { LimitNOFILE: "20000" },
    certificates: { validityHours: 26280, earlyRenewalHours: 8760 },
  },
  workers: [
    {
      name: "w1",
      address: "192.168.1.101",
      ssh: { host: "192.168.1.201", port: 2222, user: "root" },
      generation: 2,
      gone: false,
      zone: "a",
      labels: { "example.com/disk": "ssd" },
      taints: [{ key: "dedicated", value: "db", effect: "NoSchedule" }],
    },
  ],
  network: {
    podSubnet: "10.244.0.0/16",
    serviceSubnet: "10.96.0.0/12",
    dnsDomain: "cluster.local",
    cni: { plugin: "flannel", backend: "vxlan", image: "a.b/c:v1", cniPluginImage: "a.b/d:v1" },
    hostsEntries: true,
  },
  mirror: {
    apt: {
      url: "http://10.0.0.9/apt",
      suite: "stable",
      components: ["main"],
      keyFile: "mirror.asc",
    },
    images: "http://10.0.0.9:5000",
    files: "http://10.0.0.9/files",
  },
  loginUserKubeconfig: true,
};

/** The kinds that exclude what {@link complete} has. */
const others: readonly SpecInput[] = [
  {
    ...stackFile(),
    loadBalancer: { kind: "existing", endpoint: "api.example.com", port: 443 },
    network: { cni: { plugin: "none" } },
  },
  { ...stackFile(), loadBalancer: { kind: "nginx", hosts: hosts("lb", 1, 10), port: 6443 } },
];

/** Texts whose only reader is the program that runs Pulumi: files on this machine, and the host's key. */
const local =
  /^(ssh\.(knownHosts|privateKeyFile)|mirror\.apt\.keyFile|etcd\.checksumsFile|.*\.hostKey)$/;

/** Texts of systemd's own language, which go to one file as they are: a test of their own is below. */
const directive = /^etcd\.service\..*$/;

type Path = readonly (string | number)[];

/** The paths of all leaves. */
function leaves(value: unknown, path: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return [path];
  return Object.entries(value).flatMap(([key, inner]) =>
    leaves(inner, [...path, Array.isArray(value) ? Number(key) : key]),
  );
}

function at(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Record<string, unknown>)[key], value);
}

function replaced(input: SpecInput, path: Path, junk: unknown): SpecInput {
  const copy = structuredClone(input);
  (at(copy, path.slice(0, -1)) as Record<string, unknown>)[String(path.at(-1))] = junk;
  return copy;
}

/** The names of all keys in a JSON Schema. */
function keysOf(schema: unknown): string[] {
  if (typeof schema !== "object" || schema === null) return [];
  const { properties } = schema as { properties?: object };
  return [...Object.keys(properties ?? {}), ...Object.values(schema).flatMap(keysOf)];
}

/** Every text of a validated spec, keys included. */
function texts(value: unknown, path: Path = []): (readonly [path: string, text: string])[] {
  if (typeof value === "string") return [[path.join("."), value]];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    [path.join("."), key] as const,
    ...texts(inner, [...path, key]),
  ]);
}

function passedDanger(input: unknown): (readonly [string, string])[] {
  const validation = validate(input);
  if (!validation.ok) return [];
  return texts(validation.spec).filter(
    ([path, text]) => !local.test(path) && !directive.test(path) && dangerous.test(text),
  );
}

/** Every leaf that must be safe, with the file that it stands in. */
const places = [complete, ...others].flatMap((file) =>
  leaves(file)
    .filter((path) => !local.test(path.join(".")) && !directive.test(path.join(".")))
    .map((path) => [file, path] as const),
);
const piece = fc.oneof(
  fc.string({ unit: "binary", maxLength: 4 }),
  fc.constantFrom(
    "'",
    '"',
    "$(x)",
    "`x`",
    ";x",
    "\n",
    "\0",
    " ",
    "\\",
    "${x}",
    "|x",
    "&",
    "-",
    "--",
    "- ",
    ": ",
    "~",
    "null",
    "!x",
    "*x",
    "%i",
    "@x",
    "\t",
    "\r",
    "#",
    "{{",
    "\u2028",
  ),
);

const plain = etcdUnit({ version: "3.7.3", service: { LimitNOFILE: "20000" } }).split("\n");

it("is complete and right to begin with", () => {
  for (const file of [complete, ...others]) {
    expect(validate(file)).toMatchObject({ ok: true });
    expect(passedDanger(file)).toEqual([]);
  }
});

it("has every key that the schema has", () => {
  const all = JSON.stringify([
    complete,
    ...others,
    { cni: { plugin: "manifest", file: "cni.yaml" } },
  ]);
  const fragments = ["cluster", "kubelet", "kubeProxy", "settings"];
  const schema = z.toJSONSchema(specSchema, { io: "input", unrepresentable: "any" });
  const missing = keysOf(schema).filter(
    (key) => !fragments.includes(key) && !all.includes(`"${key}":`),
  );
  expect(missing).toEqual([]);
});

it("sees a dangerous text where there is one", () => {
  expect(texts({ a: ["b", { c: "x; y" }] }).filter(([, text]) => dangerous.test(text))).toEqual([
    ["a.1.c", "x; y"],
  ]);
});

it("lets no dangerous character pass at any field", () => {
  const junk = fc.tuple(fc.constantFrom(...places), piece, piece, fc.nat());
  fc.assert(
    fc.property(junk, ([[file, path], left, right, cut]) => {
      const text = String(at(file, path));
      const middle = cut % (text.length + 1);
      for (const value of [
        left + text + right,
        text.slice(0, middle) + left + text.slice(middle),
        right,
      ]) {
        expect(passedDanger(replaced(file, path, value))).toEqual([]);
      }
    }),
    { numRuns: 600 },
  );
});

it("lets no dangerous character pass in a label's key", () => {
  fc.assert(
    fc.property(piece, piece, (left, right) => {
      const labels = { [`${left}disk${right}`]: "ssd" };
      const worker = { name: "w1", address: "192.168.1.101", labels };
      expect(passedDanger({ ...complete, workers: [worker] })).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

it("lets a directive of etcd's unit be nothing but a line of its own", () => {
  fc.assert(
    fc.property(piece, piece, fc.boolean(), (left, right, isKey) => {
      const service = isKey
        ? { [`${left}LimitNOFILE${right}`]: "20000" }
        : { LimitNOFILE: `${left}20000${right}` };
      const validation = validate({ ...complete, etcd: { ...complete.etcd, service } });
      if (!validation.ok) return;
      const lines = etcdUnit({ version: "3.7.3", service }).split("\n");
      const [[key, value] = []] = Object.entries(service);
      expect(lines).toContain(`${key}=${value}`);
      expect(lines.length - plain.length).toBe(key === "LimitNOFILE" ? 0 : 1);
      expect(lines.filter((line) => line.endsWith("\\"))).toEqual([]);
    }),
    { numRuns: 600 },
  );
});

it("never throws, whatever stands in the stack file", () => {
  fc.assert(
    fc.property(fc.constantFrom(...places), fc.anything(), ([file, path], junk) => {
      validate(replaced(file, path, junk));
    }),
  );
  fc.assert(fc.property(fc.anything(), (junk) => void validate(junk)));
});
