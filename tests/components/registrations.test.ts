import * as random from "@pulumi/random";
import * as pulumi from "@pulumi/pulumi";

import { registrations } from "../support/registrations";

/** The canary: Pulumi's internals, on which all tests of the graph stand, still tell what they are asked for. */
it("sees what a program registers, with its edges, secrets and options", async () => {
  const { resources, result } = await registrations(
    () => {
      const parent = new pulumi.ComponentResource("test:index:Parent", "parent");
      const first = new random.RandomId("first", { byteLength: 8 }, { parent });
      const second = new random.RandomId(
        "second",
        { byteLength: 4, prefix: first.hex, keepers: pulumi.secret({ key: "value" }) },
        {
          dependsOn: [new random.RandomId("third", { byteLength: 2 })],
          ignoreChanges: ["*"],
          additionalSecretOutputs: ["hex"],
          deleteBeforeReplace: true,
          retainOnDelete: true,
          protect: true,
        },
      );
      return second.hex;
    },
    ({ name }) => ({ hex: `hex of ${name}` }),
    { project: "project", stack: "stack" },
  );
  const urn = (name: string): string =>
    resources.find((resource) => resource.name === name)?.urn ?? "";
  const type = "random:index/randomId:RandomId";
  expect(resources.find(({ name }) => name === "second")).toEqual({
    urn: "urn:pulumi:stack::project::random:index/randomId:RandomId::second",
    type,
    name: "second",
    custom: true,
    parent: "",
    dependencies: expect.arrayContaining([urn("first"), urn("third")]) as string[],
    inputs: { byteLength: 4, prefix: "hex of first", keepers: { key: "value" } },
    secretInputs: ["keepers"],
    options: {
      ignoreChanges: ["*"],
      additionalSecretOutputs: ["hex"],
      replaceOnChanges: [],
      deleteBeforeReplace: true,
      retainOnDelete: true,
      protect: true,
    },
  });
  expect(resources.map(({ name, custom, parent }) => [name, custom, parent]).sort()).toEqual([
    ["first", true, urn("parent")],
    ["parent", false, ""],
    ["second", true, ""],
    ["third", true, ""],
  ]);
  await expect(new Promise((resolve) => result.apply(resolve))).resolves.toBe("hex of second");
});

it("knows no output in a preview", async () => {
  const seen: unknown[] = [];
  await registrations(
    () => {
      const first = new random.RandomId("first", { byteLength: 8 });
      first.hex.apply((hex) => seen.push(hex));
      return new random.RandomId("second", { byteLength: 8, prefix: first.hex });
    },
    () => ({ hex: "known" }),
    { project: "project", stack: "stack", preview: true },
  );
  expect(seen).toEqual([]);
});
