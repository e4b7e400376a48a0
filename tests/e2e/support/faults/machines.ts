import { ensureArtefacts } from "../../../../lab/build/artefacts";
import { switchOn, wipeHost } from "../../../../lab/hosts/fleet";
import { existingHost, powerOff as cutPower, stopHost } from "../../../../lab/hosts/machine";
import { cut, heal } from "../../../../lab/hosts/network";
import { lines } from "../../../../lab/output";
import { hostNamed, readStack } from "../../../../lab/stack";
import type { Suite } from "../suite/suite";

/** Cuts a host's power: nothing on it gets to end its work. */
export async function powerOff({ lab }: Suite, name: string): Promise<void> {
  await cutPower(await existingHost(lab, name));
}

/** Switches a host on and waits until it answers by SSH. */
export async function powerOn({ lab }: Suite, name: string): Promise<void> {
  const stack = readStack(lab);
  const found = await existingHost(lab, name);
  await switchOn(stack, hostNamed(stack, name, lab), found, { egress: false });
}

/** Shuts hosts down, all at once, and switches them on again, all at once. */
export async function reboot(suite: Suite, names: readonly string[]): Promise<void> {
  const hosts = await Promise.all(names.map((name) => existingHost(suite.lab, name)));
  await Promise.all(hosts.map(stopHost));
  await Promise.all(names.map((name) => powerOn(suite, name)));
}

/** Pulls the plug of a host's network: its packets vanish, in both directions. */
export async function unplug(suite: Suite, name: string): Promise<void> {
  await cut(suite.addressOf(name));
}

/** Plugs it in again. */
export async function plugIn(suite: Suite, name: string): Promise<void> {
  await heal(suite.addressOf(name));
}

/** A new machine of that name: an empty disk, new host keys, nothing else. */
export async function wipe({ lab }: Suite, name: string): Promise<void> {
  const stack = readStack(lab);
  const { hostImage } = await ensureArtefacts(lines());
  await wipeHost(lab, stack, hostNamed(stack, name, lab), { image: hostImage }, () => undefined);
}
