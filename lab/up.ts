import { renameSync, writeFileSync } from "node:fs";
import path from "node:path";

import { ensureArtefacts, ensureHostImage } from "./build/artefacts";
import { ensureHosts, surplusHosts } from "./hosts/fleet";
import { removeHost } from "./hosts/machine";
import type { Lab } from "./lab";
import { startMirror } from "./mirror/mirror";
import type { Progress } from "./output";
import { pulumi, pulumiUp } from "./pulumi";
import { readStack } from "./stack";
import { alone } from "./stackLock";
import { dropState, stateResources } from "./state";
import { toolchainRecipes } from "./toolchain/environment";
import { setUpstream } from "./upstream";

/** How a lab is brought up. */
export interface UpOptions {
  /** Without mirror and builds: hosts reach the internet and use the upstream repositories. Default: false. */
  readonly upstream?: boolean;
  /** Throws away hosts of this stack that another checkout has made. Default: false. */
  readonly takeOver?: boolean;
}

/**
 * Brings a lab up: builds what is missing, starts mirror and hosts, and runs `pulumi up`. What is already so is left alone.
 *
 * @throws Failure with what went wrong; the step in which it did has been told.
 */
export async function bringUp(lab: Lab, options: UpOptions, report: Progress): Promise<void> {
  // Before anything is built or made: a mistake in the stack file shows at once.
  readStack(lab);
  await alone(lab, report, async () => {
    await prepareHosts(lab, options, report);
    await report.step("pulumi up", (note) => pulumiUp(lab, note));
    await removeSurplus(lab, report);
    await saveKubeconfig(lab);
  });
}

/**
 * The part of {@link bringUp} before `pulumi up`: builds, mirror and hosts. A stack whose hosts all had to be made anew loses its
 * state, which tells of machines that are gone.
 */
export async function prepareHosts(lab: Lab, options: UpOptions, report: Progress): Promise<void> {
  const stack = readStack(lab);
  const { upstream = false, takeOver = false } = options;
  const image = await ensureHostImageAndMirror(upstream, report);
  setUpstream(lab, upstream);
  const wanted = stack.hosts.length;
  const fleet = await report.step(
    "hosts",
    (note) => ensureHosts(lab, stack, { image, egress: upstream, takeOver }, note),
    ({ created }) =>
      `${wanted} answer by SSH${created.length === 0 ? "" : `, ${created.length} of them new`}`,
  );
  if (fleet.created.length === wanted && stateResources(lab) > 0) {
    dropState(lab);
    report.line(`Pulumi's state of ${lab.stack}: dropped, as it tells of machines that are gone`);
  }
}

async function ensureHostImageAndMirror(upstream: boolean, report: Progress): Promise<string> {
  if (upstream) return ensureHostImage(report);
  const built = report.phases.length;
  const artefacts = await ensureArtefacts(report, toolchainRecipes());
  if (report.phases.length === built) report.line("builds: all in the cache");
  await report.step("mirror", () => startMirror(artefacts.mirror));
  return artefacts.hostImage;
}

/** Hosts that the stack file no longer wants: only now, as Pulumi had to reach them to clean them. */
async function removeSurplus(lab: Lab, report: Progress): Promise<void> {
  const surplus = await surplusHosts(lab, readStack(lab));
  if (surplus.length === 0) return;
  await report.step("hosts no longer wanted", async () => {
    await Promise.all(surplus.map(removeHost));
    return `${surplus.map((host) => host.host).join(", ")} thrown away`;
  });
}

/** Keeps the administrator's kubeconfig for the user's own programs; only the user may read it. */
async function saveKubeconfig(lab: Lab): Promise<void> {
  const told = await pulumi(lab, ["stack", "output", "--show-secrets", "kubeconfig"]);
  if (told.code !== 0) return;
  const file = path.join(lab.directory, "kubeconfig");
  writeFileSync(`${file}.new`, told.stdout, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
