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
  const before = process.env[variable];
  const warn = jest.spyOn(pulumi.log, "warn").mockResolvedValue(undefined);
  beforeEach(() => void warn.mockClear());
  afterEach(() => {
    if (before === undefined) delete process.env[variable];
    else process.env[variable] = before;
  });
  afterAll(() => void warn.mockRestore());

  it("is warned about once when it is empty", () => {
    process.env[variable] = "";
    setConfig(stackFile({}, { ssh: { user: "admin", agent: true } }));
    loadConfig();
    expect(warn).toHaveBeenCalledTimes(1);
    expect(warn.mock.calls[0]?.[0]).toContain(`${variable} is empty`);
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
