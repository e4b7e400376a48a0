import * as pulumi from "@pulumi/pulumi";

import { loadConfig } from "../../config/load";
import { projectName, setConfig } from "../support/pulumiConfig";
import { agent, stackFile } from "../support/stackFile";

const { SSH_AUTH_SOCK } = process.env;
beforeAll(() => void (process.env["SSH_AUTH_SOCK"] = "/run/agent"));
afterAll(() => {
  if (SSH_AUTH_SOCK === undefined) delete process.env["SSH_AUTH_SOCK"];
  else process.env["SSH_AUTH_SOCK"] = SSH_AUTH_SOCK;
});

async function inStack(name: string): Promise<void> {
  const mocks = { call: () => ({}), newResource: () => ({ id: "", state: {} }) };
  await pulumi.runtime.setMocks(mocks, projectName, name);
}

const told = (stack: string): string =>
  `  name: the stack's name ${stack} is no DNS label: set kubeadm-ha:name to lower-case letters, digits and dashes, at most 63, with a letter or digit at both ends`;

describe("the cluster's name", () => {
  it.each(["My_Stack", "prod.eu", "a".repeat(64)])(
    "is not the stack's where that is no DNS label: %s",
    async (stack) => {
      await inStack(stack);
      setConfig(stackFile({}, agent));
      expect(loadConfig).toThrow(told(stack));
      setConfig({ ...stackFile({}, agent), name: "prod" });
      expect(loadConfig().spec.name).toBe("prod");
    },
  );

  it("is told with all other problems, before them", async () => {
    await inStack("My_Stack");
    setConfig({ ...stackFile({}, agent), kubernetes: { version: "1.20.0" } });
    expect(loadConfig).toThrow(
      `Pulumi.My_Stack.yaml has 2 problems; nothing has been changed:\n${told("My_Stack")}\n  kubernetes.version: `,
    );
  });

  it("is wrong once where the stack file has one", async () => {
    await inStack("My_Stack");
    setConfig({ ...stackFile({}, agent), name: "My_Name" });
    expect(loadConfig).toThrow(/has a problem; .*:\n {2}name: must be a DNS label/);
  });
});
