import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import * as pulumi from "@pulumi/pulumi";

import { loadConfig } from "../../config/load";
import type { SpecInput } from "../../config/spec";
import { projectName, setConfig, stackName } from "../support/pulumiConfig";
import { hostKey, stackFile } from "../support/stackFile";

const folder = mkdtempSync(join(tmpdir(), "kubeadm-ha-load-"));
const keyFile = join(folder, "id_ed25519");
const key = "-----BEGIN OPENSSH PRIVATE KEY-----\nthe private key\n";
const knownHosts = join(folder, "known_hosts");

beforeAll(async () => {
  await pulumi.runtime.setMocks(
    {
      call: ({ inputs }) => inputs as Record<string, unknown>,
      newResource: () => {
        throw new Error("loading registers no resources");
      },
    },
    projectName,
    stackName,
  );
  writeFileSync(keyFile, key);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A stack file that logs in with the test's own key. */
function file(more: Partial<SpecInput> = {}): SpecInput {
  return stackFile({}, { ssh: { user: "admin", privateKeyFile: keyFile }, ...more });
}

/** The message that a user sees for a stack file that is wrong. */
function refusal(values: object, secrets: Record<string, string> = {}): string {
  setConfig({ ...values }, secrets);
  try {
    loadConfig();
  } catch (error) {
    // Pulumi prints a RunError's message alone; of everything else it prints the stack too.
    if (pulumi.RunError.isInstance(error)) return error.message;
    throw error;
  }
  throw new Error("the stack file was taken");
}

const secretOf = async (output: pulumi.Output<string> | undefined): Promise<[string, boolean]> => {
  if (output === undefined) throw new Error("there is no key");
  const value = await new Promise<string>((resolve) => output.apply(resolve));
  return [value, await pulumi.isSecret(output)];
};

it("loads a stack file", async () => {
  setConfig(file());
  const { spec, sshPrivateKey, logins, ...rest } = loadConfig();
  expect(spec.name).toBe(stackName);
  expect(spec.controlPlanes.map(({ name }) => name)).toEqual(["cp1", "cp2", "cp3"]);
  await expect(secretOf(sshPrivateKey)).resolves.toEqual([key, true]);
  expect(logins.get("w1")).toEqual({
    host: "192.168.1.101",
    port: 22,
    user: "admin",
    hostKey: hostKey("w1"),
  });
  expect([...logins.keys()]).toEqual(["lb1", "cp1", "cp2", "cp3", "w1", "w2"]);
  expect(rest).toEqual({
    bastion: undefined,
    aptKey: undefined,
    cniManifest: undefined,
    etcdChecksums: {},
    gone: { loadBalancer: [], etcd: [], controlPlanes: [], workers: [] },
  });
});

it("keeps texts that look like something else", () => {
  setConfig(file({ name: "123", endpoint: "true.example.com", loginUserKubeconfig: false }));
  const { spec } = loadConfig();
  expect(spec.name).toBe("123");
  expect(spec.endpoint).toBe("true.example.com");
  expect(spec.loginUserKubeconfig).toBe(false);
});

it("takes a host's own way to log in, and the jump host's", () => {
  const own = { host: "127.0.0.1", port: 2221, user: "root", hostKey: hostKey("w1") };
  writeFileSync(knownHosts, `[jump.example.com]:2022 ${hostKey("jump")}\n`);
  setConfig(
    file({
      ssh: {
        user: "admin",
        privateKeyFile: keyFile,
        knownHosts,
        bastion: { host: "jump.example.com", port: 2022 },
      },
      workers: [{ name: "w1", address: "192.168.1.101", ssh: own }],
    }),
  );
  const { logins, bastion } = loadConfig();
  expect(logins.get("w1")).toEqual(own);
  expect(bastion).toEqual({
    host: "jump.example.com",
    port: 2022,
    user: "admin",
    hostKey: hostKey("jump"),
  });
});

it("reads the files that the stack file names", () => {
  const [aptKey, manifest] = [join(folder, "apt.asc"), join(folder, "cni.yaml")];
  writeFileSync(aptKey, "\nthe apt key\n\n");
  writeFileSync(manifest, "kind: List\n");
  setConfig(
    file({
      mirror: { apt: { url: "http://10.0.0.9/apt", keyFile: aptKey } },
      network: { cni: { plugin: "manifest", file: manifest } },
    }),
  );
  expect(loadConfig()).toMatchObject({ aptKey: "the apt key", cniManifest: "kind: List\n" });
});

describe("SSH keys", () => {
  const { SSH_AUTH_SOCK } = process.env;
  afterEach(() => {
    if (SSH_AUTH_SOCK === undefined) delete process.env["SSH_AUTH_SOCK"];
    else process.env["SSH_AUTH_SOCK"] = SSH_AUTH_SOCK;
  });

  it("may be a secret of the stack", async () => {
    setConfig(file({ ssh: { user: "admin" } }), { sshPrivateKey: "an encrypted key" });
    await expect(secretOf(loadConfig().sshPrivateKey)).resolves.toEqual(["an encrypted key", true]);
  });

  it("may be an agent's, whose keys never reach the state", () => {
    process.env["SSH_AUTH_SOCK"] = "/run/agent";
    setConfig(file({ ssh: { user: "admin", agent: true } }));
    expect(loadConfig().sshPrivateKey).toBeUndefined();
  });

  it("must be somewhere", () => {
    delete process.env["SSH_AUTH_SOCK"];
    expect(refusal(file({ ssh: { user: "admin", agent: true } }))).toContain(
      '\n  ssh.agent: no SSH agent: $SSH_AUTH_SOCK is not set; `eval "$(ssh-agent)" && ssh-add` starts one',
    );
    expect(refusal(file({ ssh: { user: "admin" } }))).toContain(
      "\n  ssh: no SSH key: set ssh.privateKeyFile or ssh.agent, or run `pulumi config set --secret sshPrivateKey < FILE`",
    );
    expect(refusal(file({ ssh: { user: "admin", privateKeyFile: "no/such" } }))).toContain(
      "\n  ssh.privateKeyFile: cannot read the file no/such",
    );
  });
});

describe("host keys", () => {
  const entries = (...names: string[]): SpecInput["workers"] =>
    names.map((name, i) => ({ name, address: `192.168.1.${101 + i}` }));

  it("come from the known_hosts file", () => {
    writeFileSync(knownHosts, `192.168.1.101,w1 ${hostKey("w1")}\n`);
    setConfig(
      file({ ssh: { user: "admin", privateKeyFile: keyFile, knownHosts }, workers: entries("w1") }),
    );
    expect(loadConfig().logins.get("w1")?.hostKey).toBe(hostKey("w1"));
  });

  it("are missed with the command that gets them", () => {
    writeFileSync(knownHosts, `192.168.1.101 ${hostKey("w1")}\n`);
    const ssh = { user: "admin", privateKeyFile: keyFile, knownHosts };
    const message = refusal(file({ ssh, workers: entries("w1", "w2") }));
    expect(message.split("\n")).toEqual([
      `Pulumi.${stackName}.yaml has a problem; nothing has been changed:`,
      `  workers[1]: ${knownHosts} has no ed25519 key for 192.168.1.102 port 22; get it with ` +
        `\`ssh-keyscan -t ed25519 -p 22 192.168.1.102 >> ${knownHosts}\` and compare its fingerprint with the machine's`,
    ]);
  });

  it("are not missed of a machine that is gone: nobody dials it", () => {
    writeFileSync(knownHosts, `192.168.1.101 ${hostKey("w1")}\n`);
    const ssh = { user: "admin", privateKeyFile: keyFile, knownHosts };
    const [first, second] = entries("w1", "w2") ?? [];
    if (first === undefined || second === undefined) throw new Error("there are two");
    setConfig(file({ ssh, workers: [first, { ...second, gone: true }] }));
    const { logins, spec, gone } = loadConfig();
    expect(logins.get("w2")?.hostKey).toBeUndefined();
    expect(spec.workers.map(({ name }) => name)).toEqual(["w1"]);
    expect(gone.workers.map(({ name }) => name)).toEqual(["w2"]);
  });

  it("are not looked for where they are not checked", () => {
    const ssh = {
      user: "admin",
      privateKeyFile: keyFile,
      knownHosts: "no/such",
      checkHostKeys: false,
    };
    setConfig(file({ ssh, workers: entries("w1") }));
    expect(loadConfig().logins.get("w1")?.hostKey).toBeUndefined();
  });
});

it("reports all problems in one message, before anything is registered", () => {
  const message = refusal({
    ...file({ workers: [{ name: "w1", address: "here" }] }),
    kubernetes: { version: "latest" },
    controlplanes: [],
  });
  expect(message.split("\n")).toEqual([
    `Pulumi.${stackName}.yaml has 3 problems; nothing has been changed:`,
    "  kubernetes.version: must be an exact version such as 1.37.2, without a leading v or leading zeros",
    "  workers[0].address: must be an IPv4 address such as 192.168.1.11",
    "  controlplanes: unknown key; did you mean controlPlanes?",
  ]);
});

it("takes a folder in a file's place for a file that it cannot read", () => {
  expect(refusal(file({ ssh: { user: "admin", privateKeyFile: folder } }))).toContain(
    `\n  ssh.privateKeyFile: cannot read the file ${folder}; `,
  );
});

it("reports all unreadable files in one message", () => {
  const message = refusal(
    file({
      ssh: { user: "admin", privateKeyFile: "no/key", knownHosts: "no/hosts" },
      mirror: { apt: { url: "http://10.0.0.9/apt", keyFile: "no/apt.asc" } },
      network: { cni: { plugin: "manifest", file: "no/cni.yaml" } },
      workers: [{ name: "w1", address: "192.168.1.101" }],
    }),
  );
  expect(
    message
      .split("\n")
      .slice(1)
      .map((line) => line.split(": ")[0]),
  ).toEqual(["  ssh.privateKeyFile", "  workers[0]", "  network.cni.file", "  mirror.apt.keyFile"]);
});

it("leaves other projects' keys alone", () => {
  setConfig(file());
  pulumi.runtime.setConfig("aws:region", "eu-central-1");
  expect(loadConfig().spec.name).toBe(stackName);
});
