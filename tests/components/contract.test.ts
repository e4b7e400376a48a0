import {
  clusterSteps,
  librarySteps,
  sharedScripts,
  type SelfContainedStep,
} from "../../components/remote/program";
import type { Role } from "../../components/remote/steps";
import { scriptContract, scriptNames, scriptText, typedContracts } from "../support/stepContracts";

const typed = typedContracts();
/** What stands in front of some steps, by role. */
const parts: Readonly<Record<string, readonly string[]>> = {
  join: ["join-control-plane"],
  teardown: ["teardown-balancer", "teardown-etcd", "teardown-node", "teardown-control-plane"],
};
const selfContained: SelfContainedStep[] = [
  "preflight",
  "prepare-balancer",
  "prepare-etcd",
  "prepare-node",
  ...Object.values(clusterSteps).flat(),
];

/** These are there to be different: a new value makes the step run again. */
const reasonsToRunAgain = ["GENERATION", "JOINED", "CERTIFICATES", "LEAVING"];

/** A step's whole contract: what prepares a host begins with prepare-base.sh. */
function contractOf(step: string): { required: string[]; mayBeEmpty: string[] } {
  const own = scriptContract(step);
  if (!step.startsWith("prepare-")) return own;
  const base = scriptContract("prepare-base");
  return {
    required: [...base.required, ...own.required],
    mayBeEmpty: [...base.mayBeEmpty, ...own.mayBeEmpty],
  };
}

it("reads the types as they are, intersections too", () => {
  expect(typed.get("addons")).toEqual(["HOST_NAME", "CNI_MANIFEST"]);
  expect(typed.get("prepare-balancer")).toEqual(expect.arrayContaining(["APT_SOURCE", "PACKAGES"]));
});

it("every step has a script, and every script of a folder is what the folder says", () => {
  expect(scriptNames("steps").sort()).toEqual([...typed.keys()].sort());
  expect(scriptNames("roles").sort()).toEqual(Object.values(parts).flat().sort());
  expect(scriptNames("shared").sort()).toEqual(
    [
      ...["lib", "changes", "packages", "prepare-base"],
      ...new Set(Object.values(sharedScripts).flat()),
    ].sort(),
  );
});

describe.each([...typed.keys()])("%s", (step) => {
  const { required, mayBeEmpty } = contractOf(step);

  it("takes in shell what it takes in TypeScript, each once", () => {
    expect([...required, ...mayBeEmpty].sort()).toEqual([...(typed.get(step) ?? [])].sort());
  });

  it("uses no parameter that it does not name, and names none that it does not use", () => {
    const files = [
      ...(step.startsWith("prepare-") ? ["prepare-base"] : []),
      ...(parts[step] ?? []),
      step,
    ];
    const body = [
      ...files.map(scriptText),
      ...["lib", "changes", "packages", "node", "cluster", "etcd"].map(scriptText),
    ]
      .join("\n")
      .split("\n")
      .filter((line) => !line.startsWith(": "))
      .join("\n");
    const unused = [...required, ...mayBeEmpty].filter(
      (name) => !reasonsToRunAgain.includes(name) && !new RegExp(`\\b${name}\\b`).test(body),
    );
    expect(unused).toEqual([]);
    const parameters = new Set([...typed.values()].flat());
    const used = [...scriptText(step).matchAll(/\$\{?([A-Z0-9_]{2,})\b/g)].map(
      (found) => found[1] ?? "",
    );
    const own = [...scriptText(step).matchAll(/^([A-Z0-9_]+)=/gm)].map((found) => found[1] ?? "");
    const known = new Set([...required, ...mayBeEmpty, ...own]);
    expect(used.filter((name) => parameters.has(name) && !known.has(name))).toEqual([]);
  });
});

it("every step that program.ts names exists, and each is in a library or brings its whole program", () => {
  const inLibraries = Object.values(librarySteps).flat();
  expect([...new Set([...inLibraries, ...selfContained])].sort()).toEqual([...typed.keys()].sort());
});

it.each(Object.keys(librarySteps) as Role[])(
  "a %s's library holds what its Commands run",
  (role) => {
    for (const step of librarySteps[role]) expect(scriptNames()).toContain(step);
    for (const name of sharedScripts[role]) expect(scriptNames()).toContain(name);
  },
);
