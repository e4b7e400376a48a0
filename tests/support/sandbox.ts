import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import {
  beginTeardown,
  clusterSteps,
  libraryFiles,
  librarySteps,
  program,
  type ClusterStep,
  type LibraryStep,
  type SelfContainedStep,
} from "../../components/remote/program";
import type { Role, StepParameters } from "../../components/remote/steps";
import { assignments } from "../../components/render/shell";

/** How a program in the sandbox ended. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where the library is from outside: /usr/local is the sandbox's own. */
const library = "/.usr-local/lib/kubeadm-ha";

/**
 * A throw-away machine for the product's scripts: they run as they are, as root, with their absolute paths, but below a
 * folder of its own, without a network, and without a right to anything of the real machine (namespaces). Its programs
 * are the machine's own, except for stubs, which come first in PATH and whose calls are recorded.
 *
 * Time passes when a script sleeps, and at once: a pause of `sleep` counts as ten seconds (bash's SECONDS).
 */
export class Sandbox {
  /** The folder that is `/` inside. */
  readonly root = mkdtempSync(join(tmpdir(), "kubeadm-ha-sandbox-"));

  constructor() {
    for (const folder of ["usr", "proc", "dev", "sys", "stubs", ".usr-local", "etc/alternatives"]) {
      mkdirSync(join(this.root, folder), { recursive: true });
    }
    for (const folder of [
      "root",
      "run/systemd/system",
      "tmp",
      "var/lib",
      "var/log",
      "home/admin",
    ]) {
      mkdirSync(join(this.root, folder), { recursive: true });
    }
    for (const link of ["bin", "sbin", "lib", "lib64"]) {
      symlinkSync(`usr/${link}`, join(this.root, link));
    }
    for (const device of ["null", "zero", "random", "urandom"]) this.write(`/dev/${device}`, "");
    symlinkSync("/proc/self/fd", join(this.root, "dev/fd"));
    symlinkSync("/proc/self/fd/2", join(this.root, "dev/stderr"));
    this.write("/etc/os-release", 'ID=debian\nVERSION_ID="12"\n');
    this.write("/etc/hosts", "127.0.0.1 localhost\n");
    // The only user inside is root, so the login user is root by another name: `install -o admin` works.
    this.write("/etc/passwd", "root:x:0:0::/root:/bin/bash\nadmin:x:0:0::/home/admin:/bin/bash\n");
    this.write("/etc/group", "root:x:0:\n");
    this.write("/etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files\n");
    this.write("/stubs/calls", "");
    this.stub("logger");
    // Processes are the machine's: it would find them there.
    this.stub("pkill");
  }

  /** Takes the machine away. */
  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  /** Writes a file, with the folders above it. */
  write(path: string, text: string, mode = 0o644): void {
    const file = join(this.root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text, { mode });
  }

  /** A file's text; undefined when there is none. */
  read(path: string): string | undefined {
    const file = join(this.root, path);
    return existsSync(file) ? readFileSync(file, "utf8") : undefined;
  }

  /** Whether there is something at a path. */
  has(path: string): boolean {
    return lstatSync(join(this.root, path), { throwIfNoEntry: false }) !== undefined;
  }

  /** Which file is at a path: another one once it has been put there anew. */
  inode(path: string): number {
    return lstatSync(join(this.root, path)).ino;
  }

  /** A file's permissions, such as "600". */
  mode(path: string): string {
    return (lstatSync(join(this.root, path)).mode & 0o7777).toString(8);
  }

  /** The names in a folder, sorted. */
  list(path: string): string[] {
    return readdirSync(join(this.root, path)).sort();
  }

  /** What a file of /proc says. */
  proc(name: string, text: string): void {
    this.write(`/.proc/${name}`, text);
  }

  /** Shows a folder of the real machine, which nobody in here can change. */
  mount(source: string, target: string): void {
    mkdirSync(join(this.root, target), { recursive: true });
    this.write("/.mounts", `${this.read("/.mounts") ?? ""}${source}\t${target}\n`);
  }

  /** Lets something accept connections at an address while a program runs. */
  listen(address: string, port: number): void {
    this.addListener(`tcp ${address} ${port}`);
  }

  /**
   * Lets something answer every datagram at an address with the same bytes while a program runs. The datagrams are kept in
   * the file `/.datagrams`, a line each, in hexadecimal digits.
   */
  answerDatagrams(address: string, port: number, reply: Uint8Array): void {
    this.addListener(`udp ${address} ${port} ${Buffer.from(reply).toString("hex")}`);
  }

  /**
   * Puts a program of the test's own in the place of a real one. Its calls are recorded.
   *
   * @param body what it does, in bash; nothing by default. Standard input and `$@` are the call's.
   */
  stub(name: string, body = ""): void {
    const record = 'call="${0##*/} $*"\nprintf "%s\\n" "${call//$\'\\n\'/ }" >>/stubs/calls';
    const text = `#!/usr/bin/bash\n${record}\n${body}\n`;
    this.write(`/stubs/${name}`, text, 0o755);
  }

  /**
   * The calls of stubs in their order: `kubeadm init --config …`, a line each. kubectl's are told without the options that
   * all of the administrator's calls have.
   */
  calls(name?: string): string[] {
    const options = / --kubeconfig \/var\/lib\/kubeadm-ha\/admin\.conf( --request-timeout=20s)?/;
    const all = (this.read("/stubs/calls") ?? "")
      .split("\n")
      .map((line) => line.replace(options, "").trimEnd())
      .filter((line) => line !== "");
    const own = all.filter((line) => !line.startsWith("logger "));
    return name === undefined ? own : own.filter((line) => line.split(" ")[0] === name);
  }

  /** Forgets the calls so far. */
  forget(): void {
    this.write("/stubs/calls", "");
  }

  /** Runs a step from the host's library, or one for the whole cluster with its whole program, as a Command does. */
  step<S extends LibraryStep | ClusterStep>(step: S, parameters: StepParameters[S]): Outcome {
    for (const [role, steps] of Object.entries(clusterSteps)) {
      const whole = (steps as readonly ClusterStep[]).find((one) => one === step);
      if (whole !== undefined) {
        return this.run(["bash", "-s"], texts(parameters) + program(whole, role as Role));
      }
    }
    const own = (parameters as { readonly ROLE?: Role }).ROLE;
    const roles = Object.keys(librarySteps) as Role[];
    const role = own ?? roles.find((one) => librarySteps[one].some((known) => known === step));
    if (role === undefined) throw new Error(`${step} is in no library`);
    this.installLibrary(role);
    return this.run(["/usr/local/lib/kubeadm-ha/run", step], texts(parameters));
  }

  /** Tears a host down, as a Command does when the host leaves the stack. Its library is as `prepare` has left it. */
  teardown(parameters: StepParameters["teardown"]): Outcome {
    return this.run(["bash", "-s"], texts(parameters) + beginTeardown());
  }

  /** Runs a step that carries its whole program, as a Command does: all of it on standard input. */
  program<S extends SelfContainedStep>(
    step: S,
    role: Role,
    parameters: StepParameters[S],
  ): Outcome {
    return this.run(["bash", "-s"], texts(parameters) + program(step, role));
  }

  /** Runs bash text after the library has been read. */
  bash(text: string): Outcome {
    this.installLibrary("control-plane");
    const inside = "/usr/local/lib/kubeadm-ha";
    return this.run(
      ["bash", "-c", `source ${inside}/lib.sh\nsource ${inside}/changes.sh\n${text}`],
      "",
    );
  }

  /** Puts the library of a role there, and nothing else in its folder. */
  installLibrary(role: Role): void {
    rmSync(join(this.root, library), { recursive: true, force: true });
    for (const { name, mode, text } of libraryFiles(role)) {
      this.write(`${library}/${name}`, text);
      chmodSync(join(this.root, library, name), mode);
    }
  }

  /** Runs any program inside. */
  run(command: readonly string[], input: string): Outcome {
    const enter = ["bash", join(__dirname, "enterSandbox.sh"), this.root];
    const clock = "BASH_FUNC_sleep%%=() { SECONDS=$((SECONDS + 10)); }";
    const child = spawnSync(
      "unshare",
      ["--map-root-user", "--mount", "--net", "--ipc", "--", ...enter, clock, ...command],
      { input, encoding: "utf8", timeout: 60_000, killSignal: "SIGKILL" },
    );
    if (child.error !== undefined) throw child.error;
    return { code: child.status ?? 128, stdout: child.stdout, stderr: child.stderr };
  }

  private addListener(line: string): void {
    this.write("/.listen", `${this.read("/.listen") ?? ""}${line}\n`);
  }
}

function texts(parameters: object): string {
  return assignments(parameters as Record<string, string>);
}

/** A stub's body that answers calls by their arguments. */
export function answers(table: Readonly<Record<string, string>>): string {
  const cases = Object.entries(table).map(([pattern, body]) => `  ${pattern}) ${body} ;;`);
  return [
    'case "$*" in',
    ...cases,
    '  *) echo "nobody expected: $0 $*" >&2; exit 97 ;;',
    "esac",
  ].join("\n");
}
