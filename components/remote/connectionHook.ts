import * as pulumi from "@pulumi/pulumi";

import { connectionFailure, type DialledHost } from "./connectionFailure";
import type { Step } from "./steps";

/** What a message about a Command needs. */
interface Remembered {
  readonly host: DialledHost;
  readonly step: Step;
}

const remembered = new Map<string, Remembered>();
let hook: pulumi.ErrorHook | undefined;

/** Lets {@link connectionHook} know a Command, by its logical name. */
export function rememberForMessages(name: string, command: Remembered): void {
  remembered.set(name, command);
}

/**
 * The error hook of all Commands: it says in words why a host could not be reached, beside what the plugin says. It never
 * asks for another try: the plugin has dialled again and again already, and a step is not to be repeated unseen.
 */
export function connectionHook(): pulumi.ErrorHook {
  hook ??= new pulumi.ErrorHook("kubeadm-ha-connection", async ({ name, errors }) => {
    const command = remembered.get(name);
    const text = command && connectionFailure(command.host, command.step, errors[0] ?? "");
    // Not on the resource: a message would wait for its URN, which one that fails never gets.
    if (text !== undefined) await pulumi.log.error(text);
    return false;
  });
  return hook;
}
