import { chmodSync, cpSync, linkSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";

import { goBuild } from "../build/go";
import type { Recipe } from "../build/recipe";
import { toolchainVersions as versions } from "./versions";

const common = ["toolchain/recipes.ts", "build/go.ts"];

/** Pulumi's own command line program: `pulumi`. */
const cli: Recipe = {
  name: `pulumi-cli-${versions.pulumi}`,
  inputs: [...common, "toolchain/pulumi-cli"],
  parameters: { version: versions.pulumi },
  usual: 240,
  build: (context) =>
    goBuild(context, {
      module: "toolchain/pulumi-cli",
      package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
      output: "pulumi",
      variables: {
        "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": `v${versions.pulumi}`,
      },
    }),
};

/** The random and the tls plugin in one program: `bridged`. */
const bridged: Recipe = {
  name: "pulumi-plugins-bridged",
  inputs: [...common, "toolchain/bridged"],
  parameters: { random: versions.random, tls: versions.tls },
  usual: 190,
  build: (context) =>
    goBuild(context, {
      module: "toolchain/bridged",
      package: ".",
      output: "bridged",
      variables: { "main.randomVersion": versions.random, "main.tlsVersion": versions.tls },
    }),
};

/** The command plugin: `command`. */
const command: Recipe = {
  name: "pulumi-plugin-command",
  inputs: [...common, ...withoutTests("toolchain/command")],
  parameters: { version: versions.command },
  usual: 60,
  build: (context) =>
    goBuild(context, {
      module: "toolchain/command",
      package: ".",
      output: "command",
      variables: { "main.version": versions.command },
    }),
};

/** A Go module's files that end up in its program, relative to lab/: a changed test builds nothing anew. */
function withoutTests(module: string): string[] {
  const lab = path.join(__dirname, "..");
  return readdirSync(path.join(lab, module), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /^go\.(mod|sum)$|(?<!_test)\.go$/.test(entry.name))
    .map((entry) => path.relative(lab, path.join(entry.parentPath, entry.name)))
    .filter((file) => !file.startsWith(`${module}/internal/`));
}

/**
 * Everything that Pulumi needs to run a program of ours:
 *
 * - `bin/pulumi` and, beside it, where it looks for it, `bin/pulumi-language-nodejs`
 * - `plugins/resource-<name>-v<version>/pulumi-resource-<name>`, the layout of $PULUMI_HOME/plugins
 */
export const toolchain: Recipe = {
  name: "pulumi-toolchain",
  inputs: ["toolchain/recipes.ts", "toolchain/language-host"],
  needs: [cli, bridged, command],
  build(context) {
    mkdirSync(path.join(context.out, "bin"));
    linkSync(path.join(context.of(cli), "pulumi"), path.join(context.out, "bin/pulumi"));

    const host = path.join(context.lab, "toolchain/language-host");
    cpSync(host, path.join(context.out, "language-host"), { recursive: true });
    const start = path.join(context.out, "bin/pulumi-language-nodejs");
    const main = `require("../language-host/main.js").main("${versions.pulumi}");`;
    writeFileSync(start, `#!/usr/bin/env node\n${main}\n`);
    chmodSync(start, 0o755);

    const plugins = [
      ["random", versions.random, path.join(context.of(bridged), "bridged")],
      ["tls", versions.tls, path.join(context.of(bridged), "bridged")],
      ["command", versions.command, path.join(context.of(command), "command")],
    ] as const;
    for (const [name, version, program] of plugins) {
      const directory = path.join(context.out, `plugins/resource-${name}-v${version}`);
      mkdirSync(directory, { recursive: true });
      linkSync(program, path.join(directory, `pulumi-resource-${name}`));
    }
    return Promise.resolve();
  },
};
