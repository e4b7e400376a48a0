import * as pulumi from "@pulumi/pulumi";

import { connectionFailure, type DialledHost } from "./connectionFailure";
import type { Step } from "./steps";

/** What a message about a Command needs. */
interface Remembered {
  readonly resource: pulumi.Resource;
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
  hook ??= new pulumi.ErrorHook("kubeadm-ha-connection", ({ name, errors }) => {
    const command = remembered.get(name);
    const text = command && connectionFailure(command.host, command.step, errors[0] ?? "");
    if (text !== undefined) void pulumi.log.error(text, command?.resource);
    return false;
  });
  return hook;
}
