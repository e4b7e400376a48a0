import { cpSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import path from "node:path";

import { goBuild } from "../../lab/build/go";
import { ensure, type Recipe } from "../../lab/build/recipe";
import type { Lab } from "../../lab/lab";
import { lines } from "../../lab/output";
import { pulumiEnvironment } from "../../lab/toolchain/environment";
import { toolchainVersions } from "../../lab/toolchain/versions";

const source = "toolchain/command";

/** The command plugin that accepts every resource and dials nobody. */
const noop: Recipe = {
  name: "pulumi-plugin-command-noop",
  inputs: ["build/go.ts", source],
  parameters: { version: toolchainVersions.command },
  usual: 60,
  build: (context) =>
    goBuild(context, {
      module: source,
      package: "./internal/noop",
      output: "command",
      variables: { "main.version": toolchainVersions.command },
    }),
};

/** A $PULUMI_HOME like the lab's, but with the plugin that dials nobody. @returns variables for Pulumi. */
export async function noopEnvironment(lab: Lab): Promise<Record<string, string>> {
  const { env } = await pulumiEnvironment();
  const directories = await ensure([noop], lines());
  const program = path.join(directories.get(noop.name) ?? "", "command");
  const home = path.join(lab.directory, "pulumi-home-noop");
  const plugins = path.join(home, "plugins");
  rmSync(plugins, { recursive: true, force: true });
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const own = path.join(env["PULUMI_HOME"] ?? "", "plugins");
  cpSync(own, plugins, { recursive: true, dereference: false, verbatimSymlinks: true });
  const name = `resource-command-v${toolchainVersions.command}`;
  const link = path.join(plugins, name, "pulumi-resource-command");
  rmSync(link, { force: true });
  mkdirSync(path.dirname(link), { recursive: true });
  symlinkSync(program, link);
  return { PULUMI_HOME: home };
}
