import * as pulumi from "@pulumi/pulumi";

import type { Step } from "./steps";

let hook: pulumi.ResourceHook | undefined;

/** The line that a preflight prints where nothing keeps the host's clock. */
const sign = /^clock unsynchronised$/m;

/**
 * The hook of preflights that have just run: it warns of a host whose clock nobody keeps. A hook, because what preflight
 * printed stays in the state, and would be warned of long after it was mended.
 */
export function clockHook(): pulumi.ResourceHook {
  hook ??= new pulumi.ResourceHook(
    "kubeadm-ha-clock",
    async ({ name, newOutputs }) => {
      const text = clockWarning(name, String(newOutputs?.["stdout"] ?? ""));
      if (text !== undefined) await pulumi.log.warn(text);
    },
    // A warning that cannot be given is no reason to fail.
    { ignoreErrors: true },
  );
  return hook;
}

/**
 * What to say of a host's clock.
 *
 * @param resource the preflight's logical name.
 * @param printed what it printed.
 * @returns undefined where the clock is kept, or the host cannot tell.
 */
export function clockWarning(resource: string, printed: string): string | undefined {
  if (!sign.test(printed)) return undefined;
  const host = resource.replace(/-[a-z]+$/, "");
  const step: Step = "preflight";
  return (
    `${host}: ${step}: nothing synchronises this host's clock; certificates and etcd need clocks that agree\n` +
    "  what to do: install chrony, or `timedatectl set-ntp true`; the cluster is made all the same"
  );
}
