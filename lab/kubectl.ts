import { Failure } from "./failure";
import { listHosts } from "./hosts/containers";
import { cutAmong } from "./hosts/network";
import { podmanAttached, tryPodman } from "./hosts/podman";
import type { Lab } from "./lab";
import type { Result } from "./process";
import { readStack } from "./stack";

/** What kubeadm leaves on every control plane for its administrator. */
const kubeconfig = "/etc/kubernetes/admin.conf";

/** Seconds that a control plane may take to say whether the API answers it. */
const patience = 3;

/** The arguments of podman that run kubectl in a control plane's container. */
function within(container: string, flags: readonly string[]): string[] {
  return ["exec", ...flags, "--env", `KUBECONFIG=${kubeconfig}`, container, "kubectl"];
}

/**
 * The container of a control plane from which the cluster's API answers, so that kubectl works as long as any does. Where
 * none answers, one that has kubectl at all: it says why not better than this module could.
 */
async function chooseControlPlane(lab: Lab): Promise<string> {
  const names = readStack(lab)
    .hosts.filter((host) => host.role === "controlPlane")
    .map((host) => host.name);
  const up = (await listHosts()).filter(
    ({ stack, checkout, host, state }) =>
      stack === lab.stack && checkout === lab.root && names.includes(host) && state === "running",
  );
  const cut = await cutAmong(up.map((host) => host.address));
  let fallback: string | undefined;
  for (const name of names) {
    const host = up.find((one) => one.host === name);
    if (host === undefined || cut.has(host.address)) continue;
    const installed = ["exec", host.container, "test", "-x", "/usr/bin/kubectl", "-a", "-r"];
    if ((await tryPodman([...installed, kubeconfig], { timeout: 10 })).code !== 0) continue;
    fallback ??= host.container;
    const ask = ["get", "--raw=/readyz", `--request-timeout=${patience}s`];
    const asked = await tryPodman([...within(host.container, []), ...ask], { timeout: 15 });
    if (asked.code === 0) return host.container;
  }
  if (fallback !== undefined) return fallback;
  throw new Failure(
    `no control plane of the stack ${lab.stack} that runs has a cluster on it: npm run lab -- up ${lab.stack}`,
  );
}

/**
 * Runs kubectl with the administrator's rights on a control plane of the stack, whatever its exit status.
 *
 * @param options.input what it reads on standard input, for `apply -f -`.
 * @param options.timeout seconds. Default: 120.
 */
export async function kubectl(
  lab: Lab,
  args: readonly string[],
  options: { readonly input?: string; readonly timeout?: number } = {},
): Promise<Result> {
  const container = await chooseControlPlane(lab);
  const flags = options.input === undefined ? [] : ["--interactive"];
  return tryPodman([...within(container, flags), ...args], { timeout: 120, ...options });
}

/** The same with this process' own input, output and terminal. @returns kubectl's exit status. */
export async function kubectlAttached(lab: Lab, args: readonly string[]): Promise<number> {
  const container = await chooseControlPlane(lab);
  const terminal = process.stdin.isTTY && process.stdout.isTTY ? ["--tty"] : [];
  return podmanAttached([...within(container, ["--interactive", ...terminal]), ...args]);
}
