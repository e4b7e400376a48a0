import { readFileSync } from "node:fs";
import path from "node:path";

import yaml from "js-yaml";
import { describe, expect, test } from "@jest/globals";

import { configuration, encryptionSalt, withConfigFile } from "../../lab/pulumi";
import {
  diagnostics,
  finishedLine,
  finishedResource,
  resourceCounts,
} from "../../lab/pulumiOutput";

const dev = readFileSync(path.join(__dirname, "..", "..", "Pulumi.dev.yaml"), "utf8");

describe("the configuration that Pulumi gets", () => {
  const load = (text: string): Record<string, unknown> =>
    yaml.load(text) as Record<string, unknown>;

  test("has the lab's salt, also where the stack file has none", () => {
    const bare = dev.replace(/^encryptionsalt:.*\n/m, "");
    expect(load(configuration(bare, false))).toEqual(load(dev));
    expect(load(dev).encryptionsalt).toBe(encryptionSalt);
  });

  test("keeps a salt of the stack file's own", () => {
    expect(load(configuration("encryptionsalt: v1:a:b\nconfig: {}\n", false))).toEqual({
      encryptionsalt: "v1:a:b",
      config: {},
    });
  });

  test("has no mirror upstream, and all else", () => {
    const { config } = load(configuration(dev, true)) as { config: Record<string, unknown> };
    const { config: before } = load(dev) as { config: Record<string, unknown> };
    expect(Object.keys(before)).toContain("kubeadm-ha:mirror");
    expect(Object.keys(config)).toEqual(
      Object.keys(before).filter((key) => key !== "kubeadm-ha:mirror"),
    );
  });
});

describe("--config-file", () => {
  test.each([
    [
      ["preview", "--diff"],
      ["preview", "--config-file", "f", "--diff"],
    ],
    [["up"], ["up", "--config-file", "f"]],
    [
      ["stack", "output"],
      ["stack", "output"],
    ],
    [
      ["up", "--config-file", "g"],
      ["up", "--config-file", "g"],
    ],
    [
      ["up", "--config-file=g"],
      ["up", "--config-file=g"],
    ],
    [[], []],
  ])("%j becomes %j", (args, wanted) => expect(withConfigFile(args, "f")).toEqual(wanted));

  test("is not given where Pulumi finds the stack file by itself", () => {
    expect(withConfigFile(["up"], undefined)).toEqual(["up"]);
  });
});

/** Of a real run, shortened. */
const output = `Updating (x):

@ updating....
 +  pulumi:pulumi:Stack kubeadm-ha-x creating (0s)
 +  command:remote:Command cp2-join creating (0s)
 +  command:remote:Command cp2-join created (27s)
 +  tls:index:PrivateKey ca created (0.00s)
 ~  command:remote:Command x-admit updating (0s) [diff: ~stdin]
 ~  command:remote:Command x-admit updated (1s) [diff: ~stdin]
 -  command:remote:Command w3-teardown deleted (6s)
 +  pulumi:pulumi:Stack kubeadm-ha-x created (223s)
Diagnostics:
  command:remote:Command (cp1-prepare):
    error: Process exited with status 1

Outputs:
    endpoint: "https://198.18.9.10:6443"

Resources:
    + 2 created
    ~ 1 updated
    - 1 deleted
    4 changes. 52 unchanged

Duration: 3m43s
`;

describe("Pulumi's output", () => {
  test("tells what has been finished, and in what time", () => {
    const found = output.split("\n").map(finishedResource);
    expect(found.filter((one) => one !== undefined)).toEqual([
      { name: "cp2-join", deed: "created", seconds: 27 },
      { name: "ca", deed: "created", seconds: 0 },
      { name: "x-admit", deed: "updated", seconds: 1 },
      { name: "w3-teardown", deed: "deleted", seconds: 6 },
    ]);
  });

  test("gives a line for what took its time", () => {
    const lines = output.split("\n").map((line) => finishedLine(line));
    expect(lines.filter((line) => line !== undefined)).toEqual([
      "cp2-join created (27 s)",
      "x-admit updated (1.0 s)",
      "w3-teardown deleted (6.0 s)",
    ]);
  });

  test("gives what went wrong", () => {
    expect(diagnostics(output)).toBe(
      "  command:remote:Command (cp1-prepare):\n    error: Process exited with status 1",
    );
    expect(diagnostics("Updating (x):\n")).toBe("");
  });

  test("gives the counts of what changed", () => {
    expect(resourceCounts(output)).toBe("2 created, 1 updated, 1 deleted");
    expect(resourceCounts("Resources:\n    66 unchanged\n\nDuration: 2s\n")).toBe("66 unchanged");
    expect(resourceCounts("")).toBe("");
  });
});
