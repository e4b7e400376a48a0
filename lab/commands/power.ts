import type { Command } from "commander";

import { switchOn } from "../hosts/fleet";
import { existingHost, pauseHost, powerOff, stopHost, unpauseHost } from "../hosts/machine";
import { cut, heal } from "../hosts/network";
import type { HostContainer } from "../hosts/containers";
import { openLab, type Lab } from "../lab";
import { lines } from "../output";
import { hostNamed, readStack } from "../stack";
import { egressAllowed } from "../upstream";

/** What can be done to one host that exists. */
interface Deed {
  readonly word: string;
  readonly description: string;
  run(lab: Lab, host: HostContainer): Promise<void>;
}

async function start(lab: Lab, host: HostContainer): Promise<void> {
  const stack = readStack(lab);
  await switchOn(stack, hostNamed(stack, host.host, lab), host, { egress: egressAllowed(lab) });
}

const deeds: readonly Deed[] = [
  {
    word: "stop",
    description: "shut a host down, as its administrator would",
    run: (_, host) => stopHost(host),
  },
  {
    word: "power-off",
    description: "cut a host's power: nothing on it gets to end its work",
    run: (_, host) => powerOff(host),
  },
  { word: "start", description: "switch a host on and wait until it answers", run: start },
  {
    word: "reboot",
    description: "shut a host down and switch it on again",
    async run(lab, host) {
      await stopHost(host);
      await start(lab, { ...host, state: "stopped" });
    },
  },
  {
    word: "pause",
    description: "freeze a host: its connections stay open and nobody answers",
    run: (_, host) => pauseHost(host),
  },
  {
    word: "unpause",
    description: "let a frozen host go on",
    run: (_, host) => unpauseHost(host),
  },
  {
    word: "cut",
    description: "pull the plug of a host's network: its packets vanish, SSH too",
    run: (_, host) => cut(host.address),
  },
  {
    word: "heal",
    description: "plug a cut host's network in again",
    run: (_, host) => heal(host.address),
  },
];

/** Adds the commands that switch, freeze and cut off one host. */
export function addPowerCommands(program: Command): void {
  for (const deed of deeds) {
    program
      .command(`${deed.word} <host>`)
      .description(deed.description)
      .option("--stack <stack>", "the host's stack", "dev")
      .action(async (name: string, options: { stack: string }) => {
        const lab = openLab(options.stack);
        const host = await existingHost(lab, name);
        await lines().step(`${deed.word} ${name}`, () => deed.run(lab, host));
      });
  }
}
