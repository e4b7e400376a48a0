import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

import { openLab, type Lab } from "../../../lab/lab";
import type { Result } from "../../../lab/process";
import { pulumi } from "../../../lab/pulumi";
import { dropState, stateResources } from "../../../lab/state";
import { furnishHome } from "../../support/examplesHome";
import { committedStackFiles, inputOf } from "../../support/stackFiles";
import { tenLines, tenMistakes } from "../../support/tenMistakes";

/** A stack without hosts: nothing here may contact one. */
const stack = "e2e-preview";
const folder = mkdtempSync(path.join(os.tmpdir(), "kubeadm-ha-preview-"));
const written = path.join(folder, "Pulumi.yaml");

/** Where no agent listens: asking it for a key would fail. */
const env = { HOME: folder, SSH_AUTH_SOCK: path.join(folder, "agent") };

beforeAll(() => furnishHome(folder));
afterAll(() => {
  rmSync(folder, { recursive: true });
  dropState(openLab(stack));
});

function run(lab: Lab, ...args: readonly string[]): Promise<Result> {
  return pulumi(lab, [...args, "--non-interactive", "--color", "never"], { timeout: 120, env });
}

describe.each(committedStackFiles("examples"))("%s", (file) => {
  it("is previewed by Pulumi: every host's steps, and nothing but what would be made", async () => {
    const { code, stdout, stderr } = await run(openLab(stack, file), "preview", "--json");
    expect([code, stderr]).toEqual([0, ""]);
    const { steps, changeSummary } = JSON.parse(stdout) as {
      steps: readonly { op: string; urn: string }[];
      changeSummary: Readonly<Record<string, number>>;
    };
    expect(changeSummary).toEqual({ create: steps.length });
    const names = steps.map(({ urn }) => urn.split("::").at(-1));
    const { controlPlanes, workers = [] } = inputOf(file);
    for (const { name } of [...controlPlanes, ...workers]) {
      for (const step of ["preflight", "prepare", "trust", "join"]) {
        expect(names).toContain(`${name}-${step}`);
      }
    }
  });
});

describe("a stack file with ten mistakes", () => {
  it.each([
    ["preview", ["preview"]],
    ["up", ["up", "--yes", "--skip-preview"]],
  ])(
    "is refused by %s with ten lines, no stack trace, and no resource of the program",
    async (_, args) => {
      mkdirSync(folder, { recursive: true });
      writeFileSync(written, tenMistakes);
      const lab = openLab(stack, written);
      const { code, stdout, stderr } = await run(lab, ...args);
      expect(code).not.toBe(0);
      const told = (stdout + stderr).split("\n").map((line) => line.trim());
      // Pulumi tells it while it runs, and again at the end.
      const heading = `error: Pulumi.${stack}.yaml has 10 problems; nothing has been changed:`;
      const begin = told.lastIndexOf(heading);
      expect(begin).toBeGreaterThan(0);
      expect(told.slice(begin + 1, begin + 12)).toEqual([...tenLines, ""]);
      for (const line of told)
        expect(line).not.toMatch(/^at |node_modules|\.ts:\d|Error:|exception/);
      // The stack itself, which Pulumi registers before the program begins.
      expect(stateResources(lab)).toBeLessThanOrEqual(1);
    },
  );
});
