import type { z } from "zod";

import { addressNumber, networkRange } from "./primitives";
import { specSchema, type HostSpec, type Spec } from "./spec";
import { minorOf, supportedMinors } from "./versions";

/** One thing that is wrong with a stack file. */
export interface Problem {
  /** Where, as the user would write it: `controlPlanes[1].address`. */
  readonly path: string;
  /** What is wrong and what to do. */
  readonly message: string;
}

/** The outcome of validation: a complete spec, or every problem found. */
export type Validation =
  | { readonly ok: true; readonly spec: Spec }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Checks a whole stack configuration and reports all problems at once, never just the first. */
export function validate(input: unknown): Validation {
  // With the input in each issue, a value of a wrong type can be told from one that is not there.
  const parsed = specSchema.safeParse(input, { reportInput: true });
  if (!parsed.success) {
    return { ok: false, problems: parsed.error.issues.flatMap(problemsOf) };
  }
  const problems = crossFieldProblems(parsed.data);
  return problems.length === 0 ? { ok: true, spec: parsed.data } : { ok: false, problems };
}

/** A spec's hosts with the path under which each stands in the stack file. */
export function hostsWithPaths(spec: Spec): readonly (readonly [path: string, host: HostSpec])[] {
  return [
    ...spec.loadBalancer.hosts.map((host, i) => [`loadBalancer.hosts[${i}]`, host] as const),
    ...spec.controlPlanes.map((host, i) => [`controlPlanes[${i}]`, host] as const),
    ...spec.workers.map((host, i) => [`workers[${i}]`, host] as const),
  ];
}

function problemsOf(issue: z.core.$ZodIssue): Problem[] {
  const path = pathText(issue.path);
  if (issue.code === "unrecognized_keys") {
    const known = knownKeys(issue.path);
    return issue.keys.map((key) => ({
      path: pathText([...issue.path, key]),
      message: `unknown key${suggestion(key, known)}`,
    }));
  }
  if (issue.code === "invalid_type" && issue.input === undefined) {
    return [{ path, message: "is missing" }];
  }
  // What is wrong with a label's key is told one level below.
  if (issue.code === "invalid_key") {
    return issue.issues.map(({ message }) => ({ path, message }));
  }
  return [{ path, message: issue.message }];
}

function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`;
    return text === "" ? String(part) : `${text}.${String(part)}`;
  }, "");
}

/** The keys the schema knows at a path; none where the path leads through a union. */
function knownKeys(path: readonly PropertyKey[]): readonly string[] {
  let schema: unknown = specSchema;
  for (const part of path) {
    schema = typeof part === "number" ? inner(schema, "element") : shapeOf(schema)?.[String(part)];
  }
  return Object.keys(shapeOf(schema) ?? {});
}

function shapeOf(schema: unknown): Record<string, unknown> | undefined {
  return inner(schema, "shape") as Record<string, unknown> | undefined;
}

/** Looks through defaults and optionals for a property of the schema they wrap. */
function inner(schema: unknown, property: "shape" | "element"): unknown {
  let current = schema as { shape?: unknown; element?: unknown; def?: { innerType?: unknown } };
  while (current && current[property] === undefined && current.def?.innerType !== undefined) {
    current = current.def.innerType as typeof current;
  }
  return current?.[property];
}

function suggestion(key: string, known: readonly string[]): string {
  const nearest = known
    .map((candidate) => ({ candidate, distance: editDistance(key, candidate) }))
    .sort((a, b) => a.distance - b.distance)[0];
  return nearest !== undefined && nearest.distance <= Math.max(2, key.length / 3)
    ? `; did you mean ${nearest.candidate}?`
    : known.length > 0
      ? `; known here: ${known.join(", ")}`
      : "";
}

/** Levenshtein's distance, letter case ignored. */
function editDistance(a: string, b: string): number {
  const [left, right] = [a.toLowerCase(), b.toLowerCase()];
  let row = Array.from({ length: right.length + 1 }, (_, i) => i);
  for (let i = 1; i <= left.length; i++) {
    const next = [i];
    for (let j = 1; j <= right.length; j++) {
      const substitution = (row[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, substitution));
    }
    row = next;
  }
  return row[right.length] ?? 0;
}

function crossFieldProblems(spec: Spec): Problem[] {
  return [
    ...versionProblems(spec),
    ...duplicateProblems(spec),
    ...networkProblems(spec),
    ...etcdProblems(spec),
    ...endpointProblems(spec),
    ...sshProblems(spec),
    ...apiAccessProblems(spec),
  ];
}

function versionProblems(spec: Spec): Problem[] {
  const minor = minorOf(spec.kubernetes.version);
  const { lowest, highest } = supportedMinors;
  if (minor >= lowest && minor <= highest) return [];
  const message = `${spec.kubernetes.version} is not supported: 1.${lowest} to 1.${highest} are`;
  return [{ path: "kubernetes.version", message }];
}

function duplicateProblems(spec: Spec): Problem[] {
  const hosts = hostsWithPaths(spec);
  const problems: Problem[] = [];
  const dial = (host: HostSpec): string =>
    `${host.ssh?.host ?? host.address}:${host.ssh?.port ?? spec.ssh.port}`;
  const rules: readonly (readonly [string, (host: HostSpec) => string])[] = [
    ["name", (host) => host.name],
    ["address", (host) => host.address],
    ["ssh", dial],
  ];
  for (const [field, valueOf] of rules) {
    const seen = new Map<string, string>();
    for (const [path, host] of hosts) {
      const value = valueOf(host);
      const first = seen.get(value);
      if (first === undefined) seen.set(value, path);
      else
        problems.push({
          path: `${path}.${field}`,
          message: `${value} is already used by ${first}; each machine has one entry and one role`,
        });
    }
  }
  return problems;
}

function networkProblems(spec: Spec): Problem[] {
  const { podSubnet, serviceSubnet } = spec.network;
  const pods = networkRange(podSubnet);
  const services = networkRange(serviceSubnet);
  const problems: Problem[] = [];
  if (pods[0] <= services[1] && services[0] <= pods[1]) {
    problems.push({
      path: "network.serviceSubnet",
      message: `${serviceSubnet} overlaps with network.podSubnet ${podSubnet}`,
    });
  }
  for (const [path, host] of hostsWithPaths(spec)) {
    const address = addressNumber(host.address);
    for (const [key, [first, last]] of [
      ["podSubnet", pods],
      ["serviceSubnet", services],
    ] as const) {
      if (address >= first && address <= last) {
        problems.push({
          path: `${path}.address`,
          message: `${host.address} lies inside network.${key} ${spec.network[key]}`,
        });
      }
    }
  }
  // The controller manager gives each node a /24 of the pod network (its default node-cidr-mask-size).
  const capacity = (pods[1] - pods[0] + 1) / 256;
  const nodes = spec.controlPlanes.length + spec.workers.length;
  if (nodes > capacity) {
    problems.push({
      path: "network.podSubnet",
      message: `${podSubnet} has room for ${Math.floor(capacity)} nodes (a /24 each), the stack has ${nodes}`,
    });
  }
  return problems;
}

function etcdProblems(spec: Spec): Problem[] {
  const count = spec.controlPlanes.length;
  if (count % 2 === 1) return [];
  return [
    {
      path: "controlPlanes",
      message: `${count} control planes with stacked etcd: an even number of etcd members survives no more failures than ${count - 1}; use 1, 3, 5 or 7`,
    },
  ];
}

function endpointProblems(spec: Spec): Problem[] {
  const problems: Problem[] = [];
  if (spec.endpoint === undefined && spec.loadBalancer.hosts.length > 1) {
    problems.push({
      path: "endpoint",
      message: "is missing: several balancers without a virtual IP need a DNS name for all of them",
    });
  }
  const nodes = [...spec.controlPlanes, ...spec.workers];
  const taken = nodes.find((node) => node.address === spec.endpoint || node.name === spec.endpoint);
  if (taken !== undefined) {
    problems.push({
      path: "endpoint",
      message: `${spec.endpoint ?? ""} is ${taken.name} itself; the endpoint must lead to the load balancer`,
    });
  }
  return problems;
}

function sshProblems(spec: Spec): Problem[] {
  if (spec.ssh.agent && spec.ssh.privateKeyFile !== undefined) {
    const message = "ssh.agent is set too: choose one of them";
    return [{ path: "ssh.privateKeyFile", message }];
  }
  return [];
}

/** The balancer asks /readyz without a client certificate. */
function apiAccessProblems(spec: Spec): Problem[] {
  const apiServer = spec.kubernetes.cluster["apiServer"];
  if (!JSON.stringify(apiServer ?? {}).includes("anonymous-auth")) return [];
  return [
    {
      path: "kubernetes.cluster.apiServer",
      message:
        "anonymous-auth must stay on: the load balancer asks /readyz without a client certificate",
    },
  ];
}
