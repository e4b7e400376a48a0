import fc from "fast-check";

import type { SpecInput } from "../../config/spec";
import { validate } from "../../config/validate";
import { stackFile } from "../support/stackFile";

/**
 * What a shell, a line of words, YAML, TOML or HAProxy's configuration could take for more than a value. Blanks stand in
 * host key lines only, which go to the SSH client alone.
 */
const dangerous = /[\x00-\x20\x7f-\uffff'"`$\\;&|<>(){}[\]*?!#%^]/;

/** Every key that a stack file can have, but for free fragments: those are data that YAML and TOML writers quote. */
const complete = stackFile(
  { controlPlanes: 1, workers: 1, balancers: 2 },
  {
    name: "prod",
    kubernetes: { version: "1.37.2", ignorePreflightErrors: ["Swap"] },
    containerd: { package: "containerd.io" },
    ssh: {
      user: "admin",
      port: 22,
      agent: true,
      bastion: { host: "jump.example.com", port: 22, user: "jumper" },
    },
    etcd: { topology: "stacked" },
    workers: [
      {
        name: "w1",
        address: "192.168.1.101",
        ssh: { host: "192.168.1.201", port: 2222, user: "root" },
        generation: 2,
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
    },
    mirror: {
      apt: {
        url: "http://10.0.0.9/apt",
        suite: "stable",
        components: ["main"],
        keyFile: "mirror.asc",
      },
      images: "http://10.0.0.9:5000",
    },
  },
);

/** Texts whose only reader is the program that runs Pulumi: files on this machine, and the host's key. */
const local = /^(ssh\.knownHosts|mirror\.apt\.keyFile|.*\.hostKey)$/;

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
  return texts(validation.spec).filter(([path, text]) => !local.test(path) && dangerous.test(text));
}

const paths = leaves(complete).filter((path) => !local.test(path.join(".")));
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
    "#",
    "{{",
    "\u2028",
  ),
);

it("is complete and right to begin with", () => {
  expect(validate(complete)).toMatchObject({ ok: true });
  expect(passedDanger(complete)).toEqual([]);
});

it("sees a dangerous text where there is one", () => {
  expect(texts({ a: ["b", { c: "x; y" }] }).filter(([, text]) => dangerous.test(text))).toEqual([
    ["a.1.c", "x; y"],
  ]);
});

it("lets no dangerous character pass at any field", () => {
  const junk = fc.tuple(fc.constantFrom(...paths), piece, piece, fc.nat());
  fc.assert(
    fc.property(junk, ([path, left, right, cut]) => {
      const text = String(at(complete, path));
      const middle = cut % (text.length + 1);
      for (const value of [
        left + text + right,
        text.slice(0, middle) + left + text.slice(middle),
        right,
      ]) {
        expect(passedDanger(replaced(complete, path, value))).toEqual([]);
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

it("never throws, whatever stands in the stack file", () => {
  fc.assert(
    fc.property(fc.constantFrom(...paths), fc.anything(), (path, junk) => {
      validate(replaced(complete, path, junk));
    }),
  );
  fc.assert(fc.property(fc.anything(), (junk) => void validate(junk)));
});
