import { homedir } from "node:os";
import path from "node:path";

import { ensure, type Recipe } from "../build/recipe";
import { requireGo } from "../build/systemPackages";
import { checkout } from "../lab";
import { lines, type Progress } from "../output";
import { homeOfUser, homeWithPlugins } from "./home";
import { installedPulumi } from "./installed";
import { toolchain } from "./recipes";

/** How to run Pulumi. */
export interface PulumiEnvironment {
  /** The command line program's absolute path. */
  readonly program: string;
  /** Variables to add to the environment of the program. */
  readonly env: Readonly<Record<string, string>>;
}

/** What the lab has to build to run Pulumi: nothing where Pulumi itself is installed. */
export function toolchainRecipes(): readonly Recipe[] {
  return installedPulumi() === undefined ? [toolchain] : [];
}

/**
 * How to run Pulumi in this checkout: the installed one with its own plugins, else the lab's own toolchain, which is built
 * first where the cache does not have it. Either way Pulumi's files are in `.lab/pulumi-home`, not in the user's `~/.pulumi`.
 *
 * Which backend and passphrase a stack has is not told here.
 *
 * @throws Failure when the toolchain cannot be built.
 */
export async function pulumiEnvironment(report: Progress = lines()): Promise<PulumiEnvironment> {
  const home = path.join(checkout, ".lab", "pulumi-home");
  const installed = installedPulumi();
  if (installed !== undefined) {
    homeOfUser(home, process.env.PULUMI_HOME ?? path.join(homedir(), ".pulumi"));
    return { program: installed, env: { PULUMI_HOME: home, PULUMI_SKIP_UPDATE_CHECK: "true" } };
  }
  await requireGo();
  const directories = await ensure([toolchain], report);
  const directory = directories.get(toolchain.name) ?? "";
  homeWithPlugins(home, path.join(directory, "plugins"));
  const bin = path.join(directory, "bin");
  return {
    program: path.join(bin, "pulumi"),
    env: {
      PATH: [bin, process.env.PATH ?? ""].join(path.delimiter),
      PULUMI_HOME: home,
      PULUMI_SKIP_UPDATE_CHECK: "true",
      // What is on $PATH is not for the lab, and nothing can be downloaded.
      PULUMI_IGNORE_AMBIENT_PLUGINS: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    },
  };
}
