import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import fc from "fast-check";
import { loadAll } from "js-yaml";
import { parse } from "smol-toml";

import { assignments } from "../../components/render/shell";
import type { SpecInput } from "../../config/spec";
import { plan, standardInput } from "../support/product";
import type { Registration } from "../support/registrations";
import { agent, stackFile } from "../support/stackFile";
import { scriptContract, scriptText, typedContracts } from "../support/stepContracts";

/** A library as `prepare` puts it on a host: the real `run`, and steps that do nothing but show their parameters. */
const library = mkdtempSync(join(tmpdir(), "kubeadm-ha-shell-"));
afterAll(() => rmSync(library, { recursive: true }));

/** What stands in for sudo and its options: it runs what it is given. */
const sudo = '#!/bin/bash\n[[ $1 == -n ]] && shift\nexec "$@"\n';

/** Prints parameters of any content, each with its end. */
const show = (names: readonly string[]): string =>
  names.map((name) => `printf '%s\\0' "$${name}"\n`).join("");

const typed = typedContracts();

/** The lines by which the script of a step names its parameters, and refuses to go on without them. */
function contractLines(step: string): string {
  const scripts = step.startsWith("prepare-") ? ["prepare-base", step] : [step];
  const { required, mayBeEmpty } = scripts.map(scriptContract).reduce((all, one) => ({
    required: [...all.required, ...one.required],
    mayBeEmpty: [...all.mayBeEmpty, ...one.mayBeEmpty],
  }));
  return [
    ...required.map((name) => `: "\${${name}:?}"\n`),
    ...mayBeEmpty.map((name) => `: "\${${name}?}"\n`),
  ].join("");
}

beforeAll(() => {
  writeFileSync(join(library, "run"), scriptText("run"));
  chmodSync(join(library, "run"), 0o755);
  writeFileSync(join(library, "sudo"), sudo, { mode: 0o755 });
  writeFileSync(join(library, "lib.sh"), "run_step() { main </dev/null; }\n");
  for (const [step, names] of typed) {
    const main = `main() {\n${show(names)}}\n`;
    writeFileSync(join(library, `${step}.sh`), contractLines(step) + main);
  }
});

/** Runs what a Command runs on a host; its standard input is what the Command's is. @returns the values shown. */
function shown(command: string, input: string): string[] {
  const output = execFileSync("bash", ["-c", command], {
    input,
    // With SHLVL bash does not take this for a login and reads no .bashrc.
    env: { PATH: `${library}:${process.env["PATH"] ?? ""}`, LC_ALL: "C.UTF-8", SHLVL: "2" },
  });
  return output.toString("utf8").split("\0").slice(0, -1);
}

/** Any text that a shell can hold, and rather such as mean something to it, to YAML or to TOML. */
const text = fc.oneof(
  fc.string({ unit: "binary" }).map((value) => value.replaceAll("\0", "")),
  fc
    .array(
      fc.constantFrom(
        ...["'", '"', "\\", "$", "$(false)", "`false`", "${HOME}", "!", "\n", "\r", "\t", " ", "a"],
        ...["-", "- ", "---\n", ": ", "#", " #", "&a ", "*a", "|", ">", "%", "@", "{", "[", "]]"],
        ...["PROGRAM\n", "EOF\n", "'''", '"""', "=", ";", "exit 1\n", "\u2028", "\u00e9"],
      ),
    )
    .map((pieces) => pieces.join("")),
  fc.constantFrom("null", "~", "yes", "1e3", "0x1f", "-rf", "--", "12:30", "=", "<<", "2001-01-01"),
);

describe.each([...typed])("the parameters of %s", (step, names) => {
  const values = fc.array(
    text.map((value) => value || "x"),
    { minLength: names.length, maxLength: names.length },
  );

  it("reach a real shell as they are, from the library's run and in front of a program", () => {
    const program = `set -euo pipefail\n${contractLines(step)}${show(names)}exit\n`;
    fc.assert(
      fc.property(values, (all) => {
        const input = assignments(Object.fromEntries(names.map((name, i) => [name, all[i] ?? ""])));
        expect(shown(`${join(library, "run")} ${step}`, input)).toEqual(all);
        expect(shown("bash -s", input + program)).toEqual(all);
      }),
      { numRuns: 4 },
    );
  });
});

/** What a Command gives to a real shell: its program is replaced by one that shows the parameters. */
function parametersInShell(command: Registration): Readonly<Record<string, string>> {
  const { parameters, program } = standardInput(command);
  const names = Object.keys(parameters);
  const stdin = String(command.inputs["stdin"]);
  const input = stdin.slice(0, stdin.length - program.length) + `${show(names)}exit\n`;
  const run = String(command.inputs["create"] ?? command.inputs["delete"]);
  // A step of the library finds its own parameters; the others are whole programs.
  const create = run.replace(/\/usr\/local\/lib\/kubeadm-ha\/run [a-z-]+$/, "bash -s");
  const values = shown(create, input);
  return Object.fromEntries(names.map((name, i) => [name, values[i] ?? ""]));
}

it("whatever a fragment of the stack file holds stands on the host as YAML and TOML that say the same", async () => {
  const key = text.filter((value) => !["", "__proto__"].includes(value));
  const fragments = fc.array(fc.dictionary(key, text, { maxKeys: 12 }), {
    minLength: 4,
    maxLength: 4,
  });
  await fc.assert(
    fc.asyncProperty(fragments, async ([cluster = {}, kubelet = {}, kubeProxy = {}, cri = {}]) => {
      const more: Partial<SpecInput> = {
        kubernetes: { version: "1.37.2", cluster, kubelet, kubeProxy },
        containerd: { settings: cri },
      };
      const made = await plan(stackFile({ controlPlanes: 1, workers: 1 }, { ...agent, ...more }));
      const found = parametersInShell(made.command("test-found"))["KUBEADM_CONFIG"] ?? "";
      const documents = loadAll(found) as { kind: string }[];
      const of = (kind: string): unknown => documents.find((one) => one.kind === kind);
      expect(of("ClusterConfiguration")).toMatchObject(cluster);
      expect(of("KubeletConfiguration")).toMatchObject(kubelet);
      expect(of("KubeProxyConfiguration")).toMatchObject(kubeProxy);
      const node = parametersInShell(made.command("w1-prepare"));
      const toml = parse(node["CONTAINERD_CONFIG"] ?? "") as {
        plugins: Record<string, Record<string, unknown>>;
      };
      expect(toml.plugins["io.containerd.grpc.v1.cri"]).toMatchObject(cri);
    }),
    { numRuns: 6 },
  );
});

it("every Command of a stack gives a real shell the parameters that its text shows", async () => {
  const made = await plan(
    stackFile({ controlPlanes: 3, workers: 1, balancers: 2, virtualIp: true, etcd: 3 }, agent),
  );
  expect(made.commands.size).toBeGreaterThan(40);
  for (const command of made.commands.values()) {
    expect(parametersInShell(command)).toEqual(standardInput(command).parameters);
  }
});
