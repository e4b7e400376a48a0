import type { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

import type { LoadedConfig } from "../config/load";
import type { HostSpec } from "../config/spec";
import { prepareParameters, reachOf, requirements } from "./hostRoles";
import {
  registerTeardown,
  runPreflight,
  runProgram,
  runStep,
  type StepInputs,
  type StepOptions,
  type StepTarget,
} from "./remote/command";
import { connectionOf, loginOf } from "./remote/connection";
import type { PrepareStep } from "./remote/program";
import type { Role } from "./remote/steps";

/** What a {@link Host} needs. */
export interface HostArgs {
  readonly spec: HostSpec;
  readonly role: Role;
  readonly config: LoadedConfig;
  /** The cluster's id; the host's marker carries it. */
  readonly clusterId: pulumi.Input<string>;
}

/**
 * One machine: is it fit for its role (preflight), who cleans it when it leaves (teardown), what its role needs
 * (prepare), and the keys it is trusted with (trust).
 *
 * No role's component is its parent, so its teardown keeps its identity whatever the host is used for.
 */
export class Host extends pulumi.ComponentResource {
  /** The host's name, which is also its Node's. */
  readonly name: string;
  /** The cluster address. */
  readonly address: string;
  readonly role: Role;
  /** Raised by the user when the machine was made anew under the same host key. */
  readonly generation: number;
  /** Which machine this is: changes when the machine behind the name does. */
  readonly identity: string;
  /** Where steps for this host run. */
  readonly target: StepTarget;
  /** The check that changes nothing; every host's must pass before any host is touched. */
  readonly preflight: remote.Command;

  private readonly args: HostArgs;
  private preparation: remote.Command | undefined;
  private trust: remote.Command | undefined;

  constructor(args: HostArgs, opts?: pulumi.ComponentResourceOptions) {
    const { spec, role } = args;
    super("kubeadm-ha:index:Host", spec.name, {}, opts);
    this.args = args;
    this.name = spec.name;
    this.address = spec.address;
    this.role = role;
    this.generation = spec.generation;
    this.target = targetOf(args);
    this.identity = identityOf(spec, this.target.host.login.hostKey);
    this.preflight = this.look("preflight", "");
    this.registerOutputs();
  }

  /**
   * Looks again at a host that looks like another one, or without a route to it. What the first look saw stays in the state;
   * this one fails, and so runs again, until that is mended.
   *
   * @param doubts lines of the preflight's `DOUBTS`.
   */
  lookAgain(doubts: string): remote.Command {
    return this.look("recheck", doubts);
  }

  private look(suffix: string, doubts: string): remote.Command {
    const { spec, role, config, clusterId } = this.args;
    const { ports, cpus, memoryMib, diskMib } = requirements(role, config.spec);
    const reach = reachOf(role, config.spec);
    return runPreflight(
      `${spec.name}-${suffix}`,
      this.target,
      {
        HOST_NAME: spec.name,
        ADDRESS: spec.address,
        ROLE: role,
        CLUSTER_ID: clusterId,
        GENERATION: String(spec.generation),
        PORTS: ports.join(" "),
        MINIMUM_CPUS: String(cpus),
        MINIMUM_MEMORY_MIB: String(memoryMib),
        MINIMUM_DISK_MIB: String(diskMib),
        REACH: reach.REACH,
        DOUBTS: reach.DOUBTS + doubts,
      },
      { parent: this, dependsOn: [], publicOutput: true },
    );
  }

  /** The host is ready for its role. */
  get prepared(): remote.Command {
    if (this.preparation === undefined) throw new Error(`${this.name} has not been prepared`);
    return this.preparation;
  }

  /** The host has the keys it joins with. */
  get trusted(): remote.Command {
    if (this.trust === undefined) throw new Error(`${this.name} has not been entrusted with keys`);
    return this.trust;
  }

  /** Registers the teardown and prepares the host, once `gate` says that every host is fit. */
  prepare(gate: pulumi.Resource): remote.Command {
    const teardown = teardownOf(this.args, { parent: this, dependsOn: [gate] });
    const { step, inputs } = prepareParameters(this.args);
    const options = { parent: this, dependsOn: [teardown] };
    this.preparation = runProgram<PrepareStep>(
      `${this.name}-prepare`,
      step,
      this.target,
      inputs,
      options,
    );
    return this.preparation;
  }

  /** Puts the keys on the host that its role is trusted with. */
  entrust<S extends TrustStep>(
    step: S,
    keys: Omit<StepInputs<S>, "HOST_NAME" | "GENERATION">,
  ): void {
    const own = { HOST_NAME: this.name, GENERATION: String(this.generation) };
    this.trust = runStep(
      `${this.name}-trust`,
      step,
      this.target,
      // TypeScript cannot put a generic type together again from its parts.
      { ...own, ...keys } as unknown as StepInputs<S>,
      { parent: this, dependsOn: [this.prepared], secret: true },
    );
  }
}

/**
 * A machine that is gone for ever, under the name that it had: nothing contacts it, and its teardown is forgotten instead
 * of run. What else it had leaves the state with this run.
 */
export class GoneHost extends pulumi.ComponentResource {
  constructor(args: HostArgs, gate: pulumi.Resource) {
    super("kubeadm-ha:index:Host", args.spec.name);
    teardownOf(args, { parent: this, dependsOn: [gate], options: { retainOnDelete: true } });
    this.registerOutputs();
  }
}

function targetOf({ spec, role, config }: HostArgs): StepTarget {
  return {
    connection: connectionOf(config, spec.name),
    host: { name: spec.name, login: loginOf(config, spec.name), bastion: config.bastion },
    role,
  };
}

function teardownOf(args: HostArgs, options: StepOptions) {
  const { spec, role, clusterId } = args;
  const target = targetOf(args);
  return registerTeardown(
    `${spec.name}-teardown`,
    target,
    {
      HOST_NAME: spec.name,
      ROLE: role,
      CLUSTER_ID: clusterId,
      LOGIN_USER: target.host.login.user,
    },
    options,
  );
}

/** Steps that hold keys. */
type TrustStep = "trust-control-plane" | "trust-worker" | "trust-etcd";

/** The host key where it is checked, and what the user says of the machine. No blanks: it stands in a line of words. */
function identityOf(spec: HostSpec, hostKey: string | undefined): string {
  const key = hostKey?.split(" ")[1]?.slice(-16) ?? "unchecked";
  return `${key}/${spec.address}/${spec.generation}`;
}
