import { readFileSync } from "node:fs";
import { join } from "node:path";

import { validate } from "../../config/validate";
import { committedStackFiles, inputOf, root } from "../support/stackFiles";

const files = committedStackFiles(".");

it("has the lab's stacks", () => {
  expect(files).toEqual(
    expect.arrayContaining(["Pulumi.dev.yaml", "Pulumi.external.yaml", "Pulumi.nginx.yaml"]),
  );
});

it("gives every stack addresses and ports of its own, so that they can be up at once", () => {
  const hosts = files.flatMap((name) => {
    const text = readFileSync(join(root, name), "utf8");
    return [...text.matchAll(/address: (\S+), ssh: \{ host: 127\.0\.0\.1, port: (\d+) \}/g)];
  });
  expect(hosts.length).toBeGreaterThan(18);
  for (const part of [1, 2]) {
    const all = hosts.map((match) => match[part]);
    expect(new Set(all).size).toBe(all.length);
  }
});

it.each(files)("%s is right", (name) => {
  expect(validate(inputOf(name))).toMatchObject({ ok: true });
});
