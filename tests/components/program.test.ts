import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";

import { condensed } from "../../components/remote/condensed";
import {
  beginTeardown,
  clusterSteps,
  libraryFiles,
  librarySteps,
  program,
  sharedScripts,
  type SelfContainedStep,
} from "../../components/remote/program";
import type { Role } from "../../components/remote/steps";
import { scriptNames, scriptText } from "../support/stepContracts";
import { unpacked } from "../support/unpacked";

const programs: [SelfContainedStep, Role][] = [
  ["preflight", "worker"],
  ["prepare-balancer", "load-balancer"],
  ["prepare-etcd", "etcd"],
  ["prepare-node", "control-plane"],
  ["prepare-node", "worker"],
  ...Object.entries(clusterSteps).flatMap(([role, steps]) =>
    steps.map((step): [SelfContainedStep, Role] => [step, role as Role]),
  ),
];

/** What prepares a host for a role. */
const prepareSteps: Readonly<Record<Role, SelfContainedStep>> = {
  "load-balancer": "prepare-balancer",
  etcd: "prepare-etcd",
  "control-plane": "prepare-node",
  worker: "prepare-node",
};

const sent = (step: SelfContainedStep, role: Role): string => unpacked(program(step, role));

/** A shell text as bash itself prints it after reading: comments and layout do not count. */
function asRead(text: string): string {
  const wrapped = `whole() {\n${text}\n}\ndeclare -f whole`;
  return execFileSync("bash", ["-s"], { input: wrapped, encoding: "utf8" });
}

/** What shellcheck has against a text whose comments, those that silence it among them, are taken out. */
function shellcheck(text: string): string {
  const flags = ["--shell=bash", "--format=gcc", "-"];
  const silenced = ["SC1090", "SC1091", "SC2016", "SC2034", "SC2059", "SC2086", "SC2153"];
  // Parameters are set in front of the program.
  const check = spawnSync(
    "shellcheck",
    [`--exclude=${[...silenced, "SC2154"].join(",")}`, ...flags],
    {
      input: text,
      encoding: "utf8",
    },
  );
  if (check.error !== undefined) throw check.error;
  return check.stdout;
}

describe.each(programs)("%s of a %s", (step, role) => {
  it("is one that shellcheck takes, as it is sent", () => {
    expect(shellcheck(sent(step, role))).toBe("");
  });

  it("runs its own step, at the end", () => {
    expect(sent(step, role)).toMatch(new RegExp(`\\nrun_step ${step}\\n$`));
  });

  it("has no line so long, and no line end, that a person or a plugin would stumble over it", () => {
    for (const line of program(step, role).split("\n"))
      expect(line.length).toBeLessThanOrEqual(1000);
    expect(program(step, role)).not.toContain("\r");
  });
});

it.each([
  ["preflight", /^w1: preflight: has no basenc or gunzip; supported are Debian 12, Ubuntu 22.04/],
  ["prepare-node", /no-such-program/],
] as const)("%s fails where it cannot be unpacked", (step, said) => {
  const input = `HOST_NAME=w1\n${program(step, "worker").replace("basenc", "no-such-program")}`;
  const { status, stderr } = spawnSync("bash", ["-s"], { input, encoding: "utf8" });
  expect(status).toBe(3);
  expect(stderr.split("\n").filter((line) => said.test(line))).toHaveLength(1);
});

it("is packed the same in every process, so that nobody's preview shows a change where there is none", () => {
  const text = `
    const { program } = require("./components/remote/program");
    process.stdout.write(program("prepare-node", "worker"));`;
  const root = join(__dirname, "..", "..");
  const other = execFileSync(process.execPath, ["--import", "tsx", "-e", text], {
    cwd: root,
    encoding: "utf8",
  });
  expect(other).toBe(program("prepare-node", "worker"));
  // gzip's header: no time, no file name.
  const lines = /<<'PROGRAM'[^\n]*\n([\s\S]*)\nPROGRAM\n/.exec(other)?.[1] ?? "";
  const bytes = execFileSync("basenc", ["--z85", "-d"], { input: lines });
  expect(bytes.subarray(0, 8).toString("hex")).toBe("1f8b080000000000");
});

it("brings a role's library, and nothing of another role's", () => {
  const files = (text: string): string[] =>
    [...text.matchAll(/^write_file "\$LIBRARY\/([a-z.-]+)" (\d+) /gm)].map(
      (f) => `${f[1]} ${f[2]}`,
    );
  for (const role of Object.keys(librarySteps) as Role[]) {
    expect(files(sent(prepareSteps[role], role))).toEqual([
      "lib.sh 0644",
      "changes.sh 0644",
      ...sharedScripts[role].map((name) => `${name}.sh 0644`),
      ...librarySteps[role].map((name) => `${name}.sh 0644`),
      "run 0755",
    ]);
  }
});

it.each(Object.keys(librarySteps) as Role[])(
  "a %s's library is one that shellcheck takes, as it is sent",
  (role) => {
    for (const { name, text } of libraryFiles(role))
      expect([name, shellcheck(text)]).toEqual([name, ""]);
  },
);

it.each(scriptNames())(
  "%s.sh loses on the way what only readers need, and nothing else",
  (name) => {
    const original = scriptText(name);
    const all = [...programs.map(([step, role]) => sent(step, role)), beginTeardown()].join("\n");
    const bare = condensed(original);
    expect(all).toContain(bare);
    expect(bare.length).toBeLessThan(original.length);
    expect(asRead(bare)).toBe(asRead(original));
  },
);

it("wherever kubectl is used, its cache is kept out of root's home", () => {
  const texts = [
    ...programs.map(([step, role]) => sent(step, role)),
    ...(Object.keys(librarySteps) as Role[]).map((role) =>
      libraryFiles(role)
        .map(({ text }) => text)
        .join("\n"),
    ),
  ];
  const withKubectl = texts.filter((text) => /^[^#\n]*\bkubectl --/m.test(text));
  expect(withKubectl.length).toBeGreaterThan(5);
  for (const text of withKubectl) expect(text).toMatch(/^export KUBECACHEDIR=\/run\//m);
});
