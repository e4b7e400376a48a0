import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { load } from "js-yaml";

import { validate } from "../../config/validate";
import { projectName } from "../support/pulumiConfig";

const root = join(__dirname, "..", "..");
const files = readdirSync(root).filter((name) => /^Pulumi\..+\.yaml$/.test(name));

it("has the lab's stack", () => {
  expect(files).toContain("Pulumi.dev.yaml");
});

it.each(files)("%s is right", (name) => {
  const { config } = load(readFileSync(join(root, name), "utf8")) as {
    config: Record<string, unknown>;
  };
  const prefix = `${projectName}:`;
  const input = Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key.replace(prefix, ""), value]),
  );
  expect(validate(input)).toMatchObject({ ok: true });
});
