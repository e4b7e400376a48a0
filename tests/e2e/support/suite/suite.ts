import path from "node:path";

import { containerName, listHosts } from "../../../../lab/hosts/containers";
import { removeHosts, surplusHosts } from "../../../../lab/hosts/fleet";
import { removeHost } from "../../../../lab/hosts/machine";
import { openLab, type Lab } from "../../../../lab/lab";
import { lines } from "../../../../lab/output";
import { attempt, type Result, type RunOptions } from "../../../../lab/process";
import { pulumi } from "../../../../lab/pulumi";
import { readStack } from "../../../../lab/stack";
import { dropState } from "../../../../lab/state";
import { prepareHosts } from "../../../../lab/up";
import { fail, succeed, type PulumiRun } from "./pulumiRun";
import {
  committed,
  hostEntry,
  read,
  save,
  type Edit,
  type HostEntry,
  type Origin,
} from "./stackFile";

/** The names of all stacks of stories: one of these, alone or with a word behind a hyphen. */
const families = ["e2e", "faults"];

/** Whose hosts stay when a suite makes its own. Default: nobody's. */
interface Beside {
  readonly beside?: readonly Suite[];
}

/** A stack that stories are about: its file, its hosts, Pulumi on it, and its cluster. */
export class Suite {
  /** The lab of this stack, with its stack file under `.lab`. */
  readonly lab: Lab;

  constructor(readonly origin: Origin) {
    const { stack } = origin;
    this.lab = openLab(stack, path.join(".lab", stack, `Pulumi.${stack}.yaml`));
  }

  /** Writes the stack file: the committed one, and the edit. */
  writeStackFile(edit: Edit = () => undefined): void {
    const stack = committed(this.origin);
    edit(stack);
    save(this.lab.stackFile, stack);
  }

  /** A further host for the stack file. @param last the last part of its address. */
  hostEntry(name: string, last: number): HostEntry {
    return hostEntry(this.origin, name, last);
  }

  /** The address of a host of the stack file. */
  addressOf(name: string): string {
    const found = readStack(this.lab).hosts.find((host) => host.name === name);
    if (found === undefined) throw new Error(`${name} is no host of ${this.lab.stack}`);
    return found.address;
  }

  /** Machines that nobody has used before, whatever was there. */
  async freshHosts(options: Beside = {}): Promise<void> {
    await this.removeHosts();
    await this.addHosts(options);
  }

  /**
   * The hosts that the stack file has and the lab has not yet. Those of other suites go, unless `KUBEADM_HA_KEEP=1`: two
   * clusters at once are slow.
   */
  async addHosts({ beside = [] }: Beside = {}): Promise<void> {
    await this.removeOthers(beside);
    await prepareHosts(this.lab, { takeOver: true }, lines());
  }

  /** Throws away the hosts that the stack file no longer has. */
  async removeSurplus(): Promise<void> {
    await Promise.all((await surplusHosts(this.lab, readStack(this.lab))).map(removeHost));
  }

  /** Throws away all hosts, and what Pulumi knows of them. */
  async removeHosts(): Promise<void> {
    await removeHosts(this.lab, true, () => undefined);
    dropState(this.lab);
  }

  private async removeOthers(beside: readonly Suite[]): Promise<void> {
    if (process.env["KUBEADM_HA_KEEP"] === "1") return;
    const kept = [this, ...beside].map(({ lab }) => lab.stack);
    const stacks = new Set((await listHosts()).map(({ stack }) => stack));
    for (const stack of stacks) {
      const ofStories = families.some((name) => stack === name || stack.startsWith(`${name}-`));
      if (!ofStories || kept.includes(stack)) continue;
      const other = openLab(stack);
      await removeHosts(other, true, () => undefined);
      dropState(other);
    }
  }

  /** The cluster as the committed stack file has it, made or mended where it is not. For a story that runs alone. */
  async ensureCluster(edit?: Edit): Promise<void> {
    this.writeStackFile(edit);
    await this.addHosts();
    await this.pulumiUp();
    await this.removeSurplus();
  }

  /** `pulumi up` without a question. @throws with Pulumi's output when it fails. */
  pulumiUp(flags: readonly string[] = []): Promise<PulumiRun> {
    return succeed(this.lab, ["up", "--yes", "--skip-preview", ...flags]);
  }

  /** `pulumi up` that has to fail. @returns what it printed. @throws when it succeeds. */
  failingUp(): Promise<string> {
    return fail(this.lab, ["up", "--yes", "--skip-preview"]);
  }

  /** `pulumi destroy` without a question. @throws with Pulumi's output when it fails. */
  pulumiDestroy(): Promise<PulumiRun> {
    return succeed(this.lab, ["destroy", "--yes", "--skip-preview"]);
  }

  /** `pulumi destroy` that has to fail. @returns what it printed. @throws when it succeeds. */
  failingDestroy(): Promise<string> {
    return fail(this.lab, ["destroy", "--yes", "--skip-preview"]);
  }

  /**
   * `pulumi preview`. @throws with Pulumi's output when it fails.
   *
   * @param edit previews the stack file with this change, which is not kept.
   */
  async pulumiPreview(flags: readonly string[] = [], edit?: Edit): Promise<PulumiRun> {
    const kept = read(this.lab.stackFile);
    if (edit !== undefined) {
      const changed = read(this.lab.stackFile);
      edit(changed);
      save(this.lab.stackFile, changed);
    }
    try {
      return await succeed(this.lab, ["preview", ...flags]);
    } finally {
      save(this.lab.stackFile, kept);
    }
  }

  /** A stack output, secret or not. */
  async stackOutput<T>(name: string): Promise<T> {
    const result = await pulumi(this.lab, ["stack", "output", "--json", "--show-secrets"]);
    return (JSON.parse(result.stdout) as Record<string, T>)[name] as T;
  }

  /** Runs a command as root on a host, past SSH, so that watching a host leaves no trace of a login. */
  async onHost(
    host: string,
    command: string,
    options: Pick<RunOptions, "input" | "timeout" | "onLine"> = {},
  ): Promise<Result> {
    const container = containerName(this.lab.stack, host);
    const args = ["exec", "--interactive", container, "bash", "-c", command];
    return attempt("podman", args, { timeout: 120, ...options });
  }

  /** The same, and what it printed. @throws when the command fails. */
  async outputOf(host: string, command: string, input?: string): Promise<string> {
    const result = await this.onHost(host, command, input === undefined ? {} : { input });
    if (result.code !== 0) {
      throw new Error(
        `${host}: ${command}\nended with ${result.code}:\n${result.stdout}${result.stderr}`,
      );
    }
    return result.stdout.trim();
  }

  /** How many logins by SSH hosts' journals show since their boot, by name. */
  async sshLoginsOf(hosts: readonly string[]): Promise<Record<string, number>> {
    const count = "journalctl --boot --no-pager -t sshd | grep -c 'Accepted publickey' || true";
    const counts = await Promise.all(hosts.map((host) => this.outputOf(host, count)));
    return Object.fromEntries(hosts.map((host, i) => [host, Number(counts[i] ?? 0)]));
  }

  /** kubectl as the administrator on a control plane; standard input is passed on. */
  async kubectl(
    args: string,
    options: { readonly on?: string; readonly input?: string } = {},
  ): Promise<string> {
    const command = `kubectl --kubeconfig /etc/kubernetes/admin.conf --request-timeout=20s ${args}`;
    return this.outputOf(options.on ?? "cp1", command, options.input);
  }
}
