import { readFileSync } from "node:fs";
import { join } from "node:path";

import * as pulumi from "@pulumi/pulumi";
import { transformSync } from "@swc/core";

import type { StackOutputs } from "../../components/stackOutputs";
import type { SpecInput } from "../../config/spec";
import { projectName, setConfig, stackName } from "./pulumiConfig";
import { registrations, type Outcome, type Registration } from "./registrations";
import { unpacked } from "./unpacked";

const root = join(__dirname, "..", "..");

/** What the product registers for a stack file. */
export interface Plan {
  readonly resources: readonly Registration[];
  readonly outputs: StackOutputs;
  /** The resource of a type and a name; there must be exactly one. */
  get(type: ResourceType, name: string): Registration;
  /** The remote Command of a name. */
  command(name: string): Registration;
  /** All remote Commands, by name. */
  readonly commands: ReadonlyMap<string, Registration>;
  /** The names of the Commands (and the gate) that one waits for, sorted. */
  edges(name: string): string[];
}

/** The types of resources that the product has. */
export type ResourceType =
  | "command:remote:Command"
  | "random:index/randomId:RandomId"
  | "tls:index/privateKey:PrivateKey"
  | "tls:index/selfSignedCert:SelfSignedCert"
  | "tls:index/certRequest:CertRequest"
  | "tls:index/locallySignedCert:LocallySignedCert"
  | `kubeadm-ha:index:${string}`;

/** How a run of Pulumi is. */
interface Run {
  readonly preview?: boolean;
  /** What preflights print, by host. Default: nothing. */
  readonly preflights?: Readonly<Record<string, string>>;
}

/** Runs index.ts, the very program that Pulumi runs, for a stack file. */
export async function plan(
  stackFile: SpecInput,
  { preflights = {}, ...options }: Run = {},
): Promise<Plan> {
  setConfig(stackFile);
  process.env["SSH_AUTH_SOCK"] ??= "/nowhere";
  const answer: Outcome = (one) => {
    const host = /^(.+)-preflight$/.exec(one.name)?.[1] ?? "";
    return { ...outcome(one), ...(host in preflights && { stdout: preflights[host] }) };
  };
  const { resources, result } = await registrations(runIndex, answer, {
    project: projectName,
    stack: stackName,
    ...options,
  });
  const byUrn = new Map(resources.map((resource) => [resource.urn, resource]));
  const commands = new Map(
    resources.filter(({ type }) => type === "command:remote:Command").map((r) => [r.name, r]),
  );
  const get = (type: ResourceType, name: string): Registration => {
    const found = resources.filter((one) => one.type === type && one.name === name);
    if (found[0] === undefined || found.length > 1)
      throw new Error(`${found.length} resources are ${type} ${name}`);
    return found[0];
  };
  const command = (name: string): Registration => get("command:remote:Command", name);
  const edges = (name: string): string[] =>
    command(name)
      .dependencies.map((urn) => byUrn.get(urn))
      .filter((one) => one?.type === "command:remote:Command" || one?.name.endsWith("-gate"))
      .map((one) => one?.name ?? "")
      .sort();
  return { resources, outputs: result, get, command, commands, edges };
}

/** The parameters that a Command's standard input begins with, and the program after them, if it brings one. */
export function standardInput({ inputs }: Registration): {
  readonly parameters: Readonly<Record<string, string>>;
  readonly program: string;
} {
  const parameters: Record<string, string> = {};
  const assignment = /^([A-Z0-9_]+)='((?:[^']|'\\'')*)'\n/;
  // In front of a preflight stands how sudo is asked.
  let rest = String(inputs["stdin"]).replace(/^\{ sudo [\s\S]*?exit \$code; \}\n/, "");
  for (let found = assignment.exec(rest); found !== null; found = assignment.exec(rest)) {
    const [whole, name = "", value = ""] = found;
    parameters[name] = value.replaceAll("'\\''", "'");
    rest = rest.slice(whole.length);
  }
  return { parameters, program: rest };
}

/** The step that a Command runs: named in its command line, or at the end of the program that it brings. */
export function stepOf(command: Registration): string {
  if ("delete" in command.inputs) return "teardown";
  const named = /\/run ([a-z-]+)$/.exec(String(command.inputs["create"]))?.[1];
  if (named !== undefined) return named;
  const { program } = standardInput(command);
  return /\nrun_step ([a-z-]+)\n$/.exec(unpacked(program))?.[1] ?? "";
}

/** A value that is known by now. */
export function valueOf<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => output.apply((value) => resolve(value)));
}

/** What the providers would answer. Keys are secret, as in the providers' schemas. */
const outcome: Outcome = ({ type, name, inputs, options }) => {
  switch (type as ResourceType) {
    case "random:index/randomId:RandomId":
      return { hex: "0123456789abcdef" };
    case "tls:index/privateKey:PrivateKey":
      return {
        privateKeyPem: pulumi.secret(pem("EC PRIVATE KEY", name, 164)),
        publicKeyPem: pem("PUBLIC KEY", name, 124),
      };
    case "tls:index/selfSignedCert:SelfSignedCert":
    case "tls:index/locallySignedCert:LocallySignedCert":
      return { certPem: pem("CERTIFICATE", name, 600) };
    case "tls:index/certRequest:CertRequest":
      return { certRequestPem: pem("CERTIFICATE REQUEST", name, 360) };
    case "command:remote:Command": {
      const secret = (key: string, text: string): unknown =>
        options.additionalSecretOutputs.includes(key) ? pulumi.secret(text) : text;
      return {
        stdout: secret("stdout", printed(String(inputs["create"]), name)),
        stderr: secret("stderr", ""),
      };
    }
    default:
      return {};
  }
};

/** What a step prints; those for a whole cluster are told by their names, as they bring their whole program. */
function printed(create: string, name: string): string {
  const host = name.replace(/-join$/, "");
  if (create.endsWith(" join-etcd")) return `id-of-${host}`;
  if (create.endsWith(" join")) return `uid-of-${host}`;
  if (name === "etcd-admit") return "etcd9";
  if (name === `${stackName}-admit`) return "w9";
  if (name === "etcd-roster") return "id-of-etcd1\nid-of-etcd2\nid-of-etcd3";
  if (name === `${stackName}-verify`)
    return '{"nodes":5,"controlPlanes":3,"etcdMembers":3,"podNetwork":true}';
  return "";
}

/** Something as long as the real PEM text of a P-256 key or certificate (`length`: its base64), with its name in it. */
function pem(kind: string, name: string, length: number): string {
  const lines = Buffer.from(`${kind} of ${name} `.padEnd(length, "."))
    .toString("latin1")
    .match(/.{1,64}/g);
  return [`-----BEGIN ${kind}-----`, ...(lines ?? []), `-----END ${kind}-----`, ""].join("\n");
}

// Evaluated anew for each stack, without loading anew all that it imports.
const { code } = transformSync(readFileSync(join(root, "index.ts"), "utf8"), {
  jsc: { parser: { syntax: "typescript" }, target: "es2022" },
  module: { type: "commonjs" },
});

async function runIndex(): Promise<StackOutputs> {
  const module: { exports?: () => Promise<StackOutputs> } = {};
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- what index.ts imports, by its own paths
  const load = (path: string): unknown => require(join(root, path));
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call -- a module's text
  new Function("require", "module", "exports", code)(load, module, {});
  if (module.exports === undefined) throw new Error("index.ts exports no program");
  return await module.exports();
}
