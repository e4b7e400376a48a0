import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import * as pulumi from "@pulumi/pulumi";

import { loadConfig } from "../../config/load";
import { projectName, setConfig, stackName } from "../support/pulumiConfig";
import { stackFile } from "../support/stackFile";

const agent = process.env["SSH_AUTH_SOCK"];
beforeAll(async () => {
  process.env["SSH_AUTH_SOCK"] = "/run/agent";
  await pulumi.runtime.setMocks(
    { call: () => ({}), newResource: () => ({ id: "", state: {} }) },
    projectName,
    stackName,
  );
});
afterAll(() => {
  if (agent === undefined) delete process.env["SSH_AUTH_SOCK"];
  else process.env["SSH_AUTH_SOCK"] = agent;
});

describe("the state's passphrase", () => {
  const variable = "PULUMI_CONFIG_PASSPHRASE";
  const fileVariable = `${variable}_FILE`;
  const folder = mkdtempSync(join(tmpdir(), "kubeadm-ha-passphrase-"));
  const before = process.env[variable];
  const fileBefore = process.env[fileVariable];
  const warn = jest.spyOn(pulumi.log, "warn").mockResolvedValue(undefined);
  beforeEach(() => void warn.mockClear());
  afterEach(() => {
    if (before === undefined) delete process.env[variable];
    else process.env[variable] = before;
    if (fileBefore === undefined) delete process.env[fileVariable];
    else process.env[fileVariable] = fileBefore;
  });
  afterAll(() => {
    warn.mockRestore();
    rmSync(folder, { recursive: true });
  });

  it("is warned about once when it is empty", () => {
    process.env[variable] = "";
    setConfig(stackFile({}, { ssh: { user: "admin", agent: true } }));
    loadConfig();
    expect(warn).toHaveBeenCalledTimes(1);
    expect(warn.mock.calls[0]?.[0]).toContain(`${variable} is empty`);
  });

  it.each([
    ["nothing but a line's end", "\n", 1],
    ["a passphrase", "a passphrase\n", 0],
  ])("is warned about where its file holds %s: %j, %d times", (_, text, times) => {
    const file = join(folder, "passphrase");
    writeFileSync(file, text);
    delete process.env[variable];
    process.env[fileVariable] = file;
    setConfig(stackFile({}, { ssh: { user: "admin", agent: true } }));
    loadConfig();
    expect(warn).toHaveBeenCalledTimes(times);
    if (times > 0) expect(warn.mock.calls[0]?.[0]).toContain(`${fileVariable} is empty`);
    // Pulumi prefers the other one, and so does the warning.
    process.env[variable] = "another";
    warn.mockClear();
    loadConfig();
    expect(warn).not.toHaveBeenCalled();
  });

  it.each([["set", "a passphrase"] as const, ["not used", undefined] as const])(
    "is no matter when it is %s",
    (_, value) => {
      if (value === undefined) delete process.env[variable];
      else process.env[variable] = value;
      setConfig(stackFile({}, { ssh: { user: "admin", agent: true } }));
      loadConfig();
      expect(warn).not.toHaveBeenCalled();
    },
  );
});
