import { remote, type types } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

import { assignments, shellQuote } from "../render/shell";
import { clockHook } from "./clockHook";
import type { DialledHost } from "./connectionFailure";
import { connectionHook, rememberForMessages } from "./connectionHook";
import {
  beginTeardown,
  libraryPath,
  program,
  type LibraryStep,
  type SelfContainedStep,
} from "./program";
import type { Role, Step, StepParameters } from "./steps";

/** A step's parameters as Pulumi knows them: some only when other resources are there. */
export type StepInputs<S extends Step> = {
  readonly [K in keyof StepParameters[S]]: pulumi.Input<StepParameters[S][K]>;
};

/** Where and for whom a step runs. */
export interface StepTarget {
  /** The connection, with its private key secret. */
  readonly connection: pulumi.Input<types.input.remote.ConnectionArgs>;
  /** The same host for messages. */
  readonly host: DialledHost;
  readonly role: Role;
}

/** Order, parent and lifetime of a step. */
export interface StepOptions {
  readonly parent: pulumi.Resource;
  /** Leaf resources only: a component here would serialise everything below it. */
  readonly dependsOn: readonly pulumi.Resource[];
  /** The parameters hold keys: standard input is encrypted in the state as a whole. Default: false. */
  readonly secret?: boolean;
  /** What the step prints is not secret and may be an input of other resources. Default: false. */
  readonly publicOutput?: boolean;
  /** Further resource options. */
  readonly options?: pulumi.CustomResourceOptions;
}

/** How long a step may run before it is ended on its host, in seconds. */
const timeLimit = 900;

/**
 * Runs a self-contained step on a host whenever one of its parameters, its program or the connection changes.
 */
export function runProgram<S extends SelfContainedStep>(
  name: string,
  step: S,
  target: StepTarget,
  parameters: StepInputs<S>,
  options: StepOptions,
): remote.Command {
  return command(name, step, target, options, {
    create: `${limited} bash -s`,
    stdin: standardInput(parameters, { after: program(step, target.role) }),
  });
}

/**
 * Runs the preflight, which is the first to use sudo on a host: where sudo refuses, what it says is put into words.
 */
export function runPreflight(
  name: string,
  target: StepTarget,
  parameters: StepInputs<"preflight">,
  options: StepOptions,
): remote.Command {
  const hooks = { afterCreate: [clockHook()], afterUpdate: [clockHook()] };
  const whenRun = { ...options, options: pulumi.mergeOptions(options.options, { hooks }) };
  return command(name, "preflight", target, whenRun, {
    create: "bash -s",
    stdin: standardInput(parameters, {
      before: withSudo(target.host),
      after: program("preflight", target.role),
    }),
  });
}

/**
 * A line in front of the program: bash reads a line at a time, and sudo's bash the rest. It stands on standard input because
 * a failure shows the command's text.
 */
function withSudo({ name: host, login: { user } }: DialledHost): string {
  const hint = [
    `${host}: preflight: user ${user} has no right to use sudo without a password; nothing was changed`,
    `  what to do: on ${host}, as root: echo '${user} ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/kubeadm-ha`,
    "  (SECURITY.md has a narrower rule)",
  ].join("\n");
  // 127: there is no sudo.
  const explain = `case $code in 1 | 127) printf '%s\\n' ${shellQuote(hint)} >&2 ;; esac`;
  return `{ ${limited} bash -s; code=$?; ${explain}; exit $code; }\n`;
}

/** Runs a step from the host's library whenever one of its parameters or the connection changes. */
export function runStep<S extends Exclude<LibraryStep, "teardown">>(
  name: string,
  step: S,
  target: StepTarget,
  parameters: StepInputs<S>,
  options: StepOptions,
): remote.Command {
  return command(name, step, target, options, {
    create: `${limited} ${libraryPath}/run ${step}`,
    stdin: standardInput(parameters),
  });
}

/**
 * Registers what cleans a host when its entry leaves the stack. Nothing runs, and nothing is dialled, before that.
 */
export function registerTeardown(
  name: string,
  target: StepTarget,
  parameters: StepInputs<"teardown">,
  options: StepOptions,
): remote.Command {
  return command(name, "teardown", target, options, {
    delete: `${limited} bash -s`,
    stdin: standardInput(parameters, { after: beginTeardown() }),
  });
}

// `timeout` is what bounds a step: the engine's own time-outs do not reach a command that runs.
const limited = `sudo -n timeout -k 30 ${timeLimit}`;

/** The only place that makes a remote Command: what holds for all of them stands here (docs/adr/0002). */
function command(
  name: string,
  step: Step,
  target: StepTarget,
  { parent, dependsOn, secret, publicOutput, options }: StepOptions,
  args: { create?: string; delete?: string; stdin: pulumi.Output<string> },
): remote.Command {
  rememberForMessages(name, { host: target.host, step });
  return new remote.Command(
    name,
    {
      ...args,
      connection: target.connection,
      stdin: secret === true ? pulumi.secret(args.stdin) : args.stdin,
      // Live status lines would show what a script prints, and a long line makes the plugin hang.
      logging: remote.Logging.None,
      // Sent as environment variables, which sshd refuses with a warning at every update.
      addPreviousOutputInEnv: false,
    },
    pulumi.mergeOptions(
      {
        parent,
        dependsOn: [...dependsOn],
        // A teardown runs when the program, and its hooks with it, has ended, and nothing of its output is kept.
        ...(step !== "teardown" && {
          // Error output is never needed; neither is output, but for the steps that say so.
          additionalSecretOutputs: publicOutput === true ? ["stderr"] : ["stdout", "stderr"],
          hooks: { onError: [connectionHook()] },
        }),
      },
      options,
    ),
  );
}

/** The parameters, and what stands before and after them. Few Outputs: with a thousand hosts they are most of the memory. */
function standardInput<S extends Step>(
  parameters: StepInputs<S>,
  { before = "", after = "" } = {},
): pulumi.Output<string> {
  return pulumi
    .output(parameters as Record<string, pulumi.Input<string>>)
    .apply((known) => before + assignments(known) + after);
}
