import { rmSync } from "node:fs";

import type { Command } from "commander";

import { cacheDirectory } from "../build/cache";
import { Failure } from "../failure";
import { listHosts } from "../hosts/containers";
import { podman } from "../hosts/podman";
import { stopMirror } from "../mirror/mirror";
import { lines } from "../output";

/** Adds `clean`. */
export function addCleanCommand(program: Command): void {
  program
    .command("clean")
    .description(
      "remove the mirror and everything that the lab has built (the next up builds it anew)",
    )
    .option("--force", "even while hosts of a lab exist: they lose their mirror")
    .action(async (options: { force?: true }) => {
      const hosts = await listHosts();
      if (hosts.length > 0 && options.force !== true) {
        const stacks = [...new Set(hosts.map((host) => host.stack))].join(", ");
        throw new Failure(
          `hosts of the stack ${stacks} exist and use what would go: end them first (npm run lab -- down), or --force`,
        );
      }
      await lines().step("clean", async (note) => {
        await stopMirror();
        const images = await unusedImages(hosts.length > 0);
        if (images.length > 0) await podman(["rmi", ...images]);
        const directory = cacheDirectory();
        note(`removing ${directory}`);
        rmSync(directory, { recursive: true, force: true });
        return "all builds are gone";
      });
    });
}

/** The lab's images in podman's store; where hosts exist, the one that they were made from stays. */
async function unusedImages(hostsExist: boolean): Promise<string[]> {
  const names = hostsExist ? ["kha-base"] : ["kha-base", "kha-host"];
  const listed = await Promise.all(
    names.map((name) =>
      podman([
        "images",
        "--filter",
        `reference=localhost/${name}`,
        "--format",
        "{{.Repository}}:{{.Tag}}",
      ]),
    ),
  );
  return listed.flatMap((text) => text.split("\n")).filter((name) => name !== "");
}
