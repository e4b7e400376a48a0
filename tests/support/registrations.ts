import * as pulumi from "@pulumi/pulumi";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks";

/** One resource as the program asked the engine for it. */
export interface Registration {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  /** False for components. */
  readonly custom: boolean;
  /** The parent's URN; empty for a child of the stack. */
  readonly parent: string;
  /** URNs of all that it waits for: dependsOn, and whatever its inputs come from. */
  readonly dependencies: readonly string[];
  /** The inputs, with secrets unwrapped. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Names of the inputs that are secret as a whole. */
  readonly secretInputs: readonly string[];
  readonly options: {
    readonly ignoreChanges: readonly string[];
    readonly additionalSecretOutputs: readonly string[];
    readonly replaceOnChanges: readonly string[];
    readonly deleteBeforeReplace: boolean;
    readonly retainOnDelete: boolean;
    readonly protect: boolean;
  };
}

/** What resources turn out to be, by their registration. */
export type Outcome = (registration: Registration) => Record<string, unknown>;

/** The part of the engine's request that is looked at: @pulumi/pulumi has no types for it. */
interface Request {
  getType(): string;
  getName(): string;
  getCustom(): boolean;
  getParent(): string;
  getDependenciesList(): string[];
  getObject(): { toJavaScript(): Record<string, unknown> };
  getIgnorechangesList(): string[];
  getAdditionalsecretoutputsList(): string[];
  getReplaceonchangesList(): string[];
  getDeletebeforereplace(): boolean;
  getRetainondelete(): boolean;
  getProtect(): boolean;
}
type Callback = (error: Error | null, response?: { getUrn(): string }) => void;
type RegisterHook = (request: unknown, callback: (error: Error | null) => void) => void;
interface Monitor {
  registerResource(request: Request, callback: Callback): Promise<void>;
  registerErrorHook?: RegisterHook;
  registerResourceHook?: RegisterHook;
}

/** Under this key stands what kind of special value an object is, and with this value it is a secret. */
const signature = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

const log: Registration[] = [];
const pending = new Map<string, Registration>();

// Pulumi's mocks are given neither dependencies nor options (pulumi/pulumi#14421), so the request itself is recorded.
// The canary in tests/components/registrations.test.ts fails when an SDK moves what is used here.
const monitor = MockMonitor.prototype as unknown as Monitor;
// eslint-disable-next-line @typescript-eslint/unbound-method -- called with its own `this` below
const register = monitor.registerResource;
monitor.registerResource = function (this: Monitor, request, callback) {
  const { inputs, secretInputs } = unwrapped(request.getObject().toJavaScript());
  const registration: Registration = {
    urn: "",
    type: request.getType(),
    name: request.getName(),
    custom: request.getCustom(),
    parent: request.getParent(),
    dependencies: request.getDependenciesList(),
    inputs,
    secretInputs,
    options: {
      ignoreChanges: request.getIgnorechangesList(),
      additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
      replaceOnChanges: request.getReplaceonchangesList(),
      deleteBeforeReplace: request.getDeletebeforereplace(),
      retainOnDelete: request.getRetainondelete(),
      protect: request.getProtect(),
    },
  };
  pending.set(keyOf(registration), registration);
  return register.call(this, request, (error, response) => {
    if (error === null) log.push({ ...registration, urn: response?.getUrn() ?? "" });
    callback(error, response);
  });
};

// Without an engine nothing runs or fails, and the mocks do not know hooks at all.
const registerHook: RegisterHook = (_request, callback) => {
  callback(null);
};
monitor.registerErrorHook = registerHook;
monitor.registerResourceHook = registerHook;

/**
 * Runs a Pulumi program without an engine.
 *
 * @param program registers resources; its result is given back.
 * @param outcome the outputs of each resource beside its inputs; secrets may be among them.
 * @param options the stack it runs in, and whether it is a preview, where no output is known.
 * @returns every resource that was registered, in that order.
 */
export async function registrations<T>(
  program: () => T | Promise<T>,
  outcome: Outcome,
  options: { readonly project: string; readonly stack: string; readonly preview?: boolean },
): Promise<{ readonly resources: readonly Registration[]; readonly result: T }> {
  log.length = 0;
  pending.clear();
  const newResource = ({
    type,
    name,
  }: pulumi.runtime.MockResourceArgs): pulumi.runtime.MockResourceResult => {
    const registration = pending.get(keyOf({ type, name }));
    if (registration === undefined) throw new Error(`${type} ${name} was not recorded`);
    return {
      id: `${name}-id`,
      state: options.preview === true ? {} : { ...registration.inputs, ...outcome(registration) },
    };
  };
  const call = ({ token }: pulumi.runtime.MockCallArgs): never => {
    throw new Error(`the program calls ${token}, which happens in every preview too`);
  };
  await pulumi.runtime.setMocks(
    { newResource, call },
    options.project,
    options.stack,
    options.preview,
  );
  // Pulumi takes a stack trace at every promise, and jest looks each up in source maps: most of the time went there.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    const result = await program();
    await pulumi.runtime.disconnect();
    return { resources: [...log], result };
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

function keyOf({ type, name }: { type: string; name: string }): string {
  return `${type} ${name}`;
}

function unwrapped(object: Record<string, unknown>): {
  inputs: Record<string, unknown>;
  secretInputs: string[];
} {
  const secretInputs = Object.keys(object).filter((key) => isSecret(object[key]));
  const inputs = Object.fromEntries(
    Object.entries(object).map(([key, value]) => [key, reveal(value)]),
  );
  return { inputs, secretInputs };
}

function isSecret(value: unknown): value is { value: unknown } {
  return isObject(value) && value[signature] === secretSignature;
}

/** A value with all secrets in it laid open. */
function reveal(value: unknown): unknown {
  if (isSecret(value)) return reveal(value.value);
  if (Array.isArray(value)) return value.map(reveal);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, reveal(inner)]));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
