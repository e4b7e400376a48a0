import { inspect } from "node:util";

import * as pulumi from "@pulumi/pulumi";
import { load } from "js-yaml";

import { loadConfig } from "../../config/load";
import { projectName, setConfig, stackName } from "../support/pulumiConfig";
import { tenLines, tenMistakes } from "../support/tenMistakes";

/** The stack file's keys as Pulumi hands them over. */
function keys(): Record<string, unknown> {
  const { config } = load(tenMistakes) as { config: Record<string, unknown> };
  const own = Object.entries(config).map(([key, value]) => [
    key.replace(`${projectName}:`, ""),
    value,
  ]);
  return Object.fromEntries(own) as Record<string, unknown>;
}

function failure(): unknown {
  try {
    loadConfig();
  } catch (error) {
    return error;
  }
  throw new Error("the stack file was taken");
}

beforeAll(() =>
  pulumi.runtime.setMocks(
    {
      call: ({ inputs }) => inputs as Record<string, unknown>,
      newResource: () => {
        throw new Error("loading registers no resources");
      },
    },
    projectName,
    stackName,
  ),
);

describe("a stack file with ten mistakes", () => {
  it("gives ten lines, each with its path, and says so", () => {
    setConfig(keys());
    const error = failure();
    // Of a RunError Pulumi prints the message alone, of everything else the stack too.
    if (!pulumi.RunError.isInstance(error)) throw new Error(inspect(error));
    expect(error.message.split("\n")).toEqual([
      `Pulumi.${stackName}.yaml has 10 problems; nothing has been changed:`,
      ...tenLines.map((line) => `  ${line}`),
    ]);
  });

  it("has one less where the SSH key is a secret of the stack", () => {
    setConfig(keys(), { sshPrivateKey: "an encrypted key" });
    const lines = (failure() as Error).message.split("\n").slice(1);
    expect(lines).toEqual(
      tenLines.filter((line) => !line.startsWith("ssh.")).map((line) => `  ${line}`),
    );
  });
});

describe("what this machine does not have", () => {
  const known = { ...keys(), network: {}, workers: [] };
  const linesOf = (more: object): string[] => {
    setConfig({ ...known, ...more });
    return (failure() as Error).message
      .split("\n")
      .slice(1)
      .map((line) => line.trim());
  };
  const hosts = ["31", "32", "33"].map((last) => ({
    name: `etcd${last}`,
    address: `192.168.1.${last}`,
    ssh: { hostKey: "ssh-ed25519 AAAA" },
  }));

  it("is not asked of an entry that is wrong itself", () => {
    const controlPlanes = [{ name: "cp1", address: "192.168.1.11" }];
    const found = linesOf({ controlPlanes }).filter((line) => line.startsWith("controlPlanes"));
    expect(found).toEqual([expect.stringMatching(/^controlPlanes\[0\]\.address: .* already used/)]);
  });

  it("is not asked for a release of etcd that cannot be meant", () => {
    const checksums = (version: string): string[] =>
      linesOf({
        kubernetes: { version: "1.37.2" },
        etcd: { topology: "external", hosts, version },
      }).filter((line) => line.startsWith("etcd."));
    expect(checksums("3.5.1")).toEqual([
      expect.stringMatching(/^etcd\.version: 3\.5\.1 is too old/),
    ]);
    expect(checksums("3.7.99")).toEqual([
      expect.stringMatching(/^etcd\.checksumsFile: is missing: .*curl -fLo etcd-SHA256SUMS https/),
    ]);
  });
});
