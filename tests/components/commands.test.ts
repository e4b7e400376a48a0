import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import * as pulumi from "@pulumi/pulumi";

import { plan, standardInput, valueOf, type Plan } from "../support/product";
import type { Registration } from "../support/registrations";
import { hostKey, stackFile } from "../support/stackFile";

const folder = mkdtempSync(join(tmpdir(), "kubeadm-ha-commands-"));
const sshKey = "-----BEGIN OPENSSH PRIVATE KEY-----\nof the login user\n";
let product: Plan;
let all: Registration[];
beforeAll(async () => {
  const privateKeyFile = join(folder, "id_ed25519");
  writeFileSync(privateKeyFile, sshKey);
  const bastion = { host: "jump.example.com" };
  const knownHosts = join(folder, "known_hosts");
  writeFileSync(knownHosts, `jump.example.com ${hostKey("jump")}\n`);
  product = await plan(
    stackFile({}, { ssh: { user: "admin", privateKeyFile, knownHosts, bastion } }),
  );
  all = [...product.commands.values()];
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What is told of each Command, by its name: so that a failure names it. */
function each<T>(tell: (command: Registration) => T): Record<string, T> {
  return Object.fromEntries(all.map((command) => [command.name, tell(command)]));
}
function same<T>(value: T): Record<string, T> {
  return each(() => value);
}
const isTrust = ({ name }: Registration): boolean => name.endsWith("-trust");
const isTeardown = ({ name }: Registration): boolean => name.endsWith("-teardown");

describe("every Command", () => {
  it("keeps its output from the screen, and its previous output from the environment", () => {
    expect(each(({ inputs }) => [inputs["logging"], inputs["addPreviousOutputInEnv"]])).toEqual(
      same(["none", false]),
    );
  });

  it("has no triggers, no environment, and nothing else that the plugin can take", () => {
    expect(each(({ inputs }) => Object.keys(inputs).sort())).toEqual(
      each((command) =>
        [
          "addPreviousOutputInEnv",
          "connection",
          isTeardown(command) ? "delete" : "create",
          "logging",
          "stdin",
        ].sort(),
      ),
    );
  });

  it("runs one short line as root, bounded, with everything else on standard input", () => {
    for (const { name, inputs } of all) {
      if (name.endsWith("-preflight")) continue;
      const line = inputs["create"] ?? inputs["delete"];
      expect(line).toMatch(
        /^sudo -n timeout -k 30 900 (bash -s|\/usr\/local\/lib\/kubeadm-ha\/run [a-z-]+)$/,
      );
    }
  });

  it("asks for sudo where it looks at a host first, and says what it lacks", () => {
    const { inputs } = product.command("w1-preflight");
    expect(inputs["create"]).toBe("bash -s");
    expect(inputs["stdin"]).toMatch(/^\{ sudo -n timeout -k 30 900 bash -s; code=/);
    expect(inputs["stdin"]).toContain("w1: preflight: user admin has no right to use sudo");
  });

  it("is never replaced, so that nothing runs twice on a host", () => {
    expect(
      each(({ options }) => [options.deleteBeforeReplace, options.retainOnDelete, options.protect]),
    ).toEqual(same([false, false, false]));
  });

  it("dials its own host, checks its key, and goes through the jump host", () => {
    const connection = product.command("w1-join").inputs["connection"];
    const limits = { dialErrorLimit: 10, perDialTimeout: 10 };
    expect(connection).toEqual({
      host: "192.168.1.101",
      port: 22,
      user: "admin",
      privateKey: sshKey,
      hostKey: hostKey("w1"),
      ...limits,
      proxy: {
        host: "jump.example.com",
        port: 22,
        user: "admin",
        privateKey: sshKey,
        hostKey: hostKey("jump"),
        ...limits,
      },
    });
    for (const step of ["preflight", "teardown", "prepare", "trust"]) {
      expect(product.command(`w1-${step}`).inputs["connection"]).toEqual(connection);
    }
  });
});

describe("secrets", () => {
  it("are every connection, and what hosts are trusted with", () => {
    expect(each(({ secretInputs }) => [...secretInputs].sort())).toEqual(
      each((command) => (isTrust(command) ? ["connection", "stdin"] : ["connection"])),
    );
  });

  it("stand in no other input", () => {
    const secret = /PRIVATE KEY|client-key-data|client-certificate-data|LOGIN USER/i;
    const open = each(({ inputs, secretInputs }) =>
      JSON.stringify(Object.entries(inputs).filter(([key]) => !secretInputs.includes(key))),
    );
    for (const [name, text] of Object.entries(open)) {
      expect([name, secret.exec(text)]).toEqual([name, null]);
    }
    // The control: where keys are, they are seen.
    expect(String(product.command("cp1-trust").inputs["stdin"])).toMatch(secret);
  });

  it("of the CAs never reach a worker", () => {
    const { parameters } = standardInput(product.command("w1-trust"));
    expect(Object.keys(parameters)).toEqual([
      "HOST_NAME",
      "GENERATION",
      "CA_CERTIFICATE",
      "CLUSTER_NAME",
      "ENDPOINT",
      "JOIN_CERTIFICATE",
      "JOIN_KEY",
    ]);
    const keys = Object.keys(parameters).filter((name) =>
      parameters[name]?.includes("PRIVATE KEY"),
    );
    expect(keys).toEqual(["JOIN_KEY"]);
    expect(parameters["JOIN_KEY"]).toContain("of test-kubeadm-ha-joiner");
    expect(standardInput(product.command("cp1-trust")).parameters["CA_KEY"]).toContain(
      "PRIVATE KEY",
    );
  });

  it("may be in any output but the preflights', the joins', the admission's and the verification's", () => {
    const published = (name: string): boolean =>
      /-(preflight|join)$/.test(name) || ["test-admit", "test-verify"].includes(name);
    // The connection is what the SDK adds. Nothing is kept of a teardown's output, for it is the resource's end.
    expect(each(({ options }) => [...options.additionalSecretOutputs].sort())).toEqual(
      each((command) => [
        "connection",
        ...(isTeardown(command) ? [] : ["stderr"]),
        ...(isTeardown(command) || published(command.name) ? [] : ["stdout"]),
      ]),
    );
  });

  it("are not made of what the joins and the verification print", async () => {
    const { kubeconfig, health } = product.outputs;
    await expect(pulumi.isSecret(kubeconfig)).resolves.toBe(true);
    await expect(pulumi.isSecret(health)).resolves.toBe(false);
  });
});

it("only the teardown has something to do when its host leaves, and nothing before", () => {
  const withDelete = all.filter(({ inputs }) => "delete" in inputs);
  expect(withDelete.map(({ name }) => name)).toEqual(
    all.filter(isTeardown).map(({ name }) => name),
  );
  for (const { inputs } of withDelete) expect(inputs).not.toHaveProperty("create");
});

it("a host has at most six Commands", () => {
  const counts = new Map<string, number>();
  for (const { name } of all) {
    const host = name.replace(/-[a-z]+$/, "");
    if (host !== "test") counts.set(host, (counts.get(host) ?? 0) + 1);
  }
  expect([...counts.keys()].sort()).toEqual(["cp1", "cp2", "cp3", "lb1", "w1", "w2"]);
  for (const count of counts.values()) expect(count).toBeLessThanOrEqual(6);
});

// A file or object-store backend writes the whole state at the begin and end of every step, and inputs stand in it twice.
// The benchmark measures it, with names, edges and encrypted connections: 60 KB at most for a worker, of which these texts
// may be so much (docs/adr/0021).
it.each([
  ["w1", 38_600],
  ["lb1", 40_000],
  ["cp2", 52_000],
])("what %s's Commands run stays below %d bytes in the state", (host, limit) => {
  const own = all.filter(({ name }) => name.startsWith(`${host}-`));
  expect(own.length).toBeGreaterThanOrEqual(5);
  const texts = own.flatMap(({ inputs }) => [inputs["stdin"], inputs["create"], inputs["delete"]]);
  const size = texts.reduce<number>(
    (sum, text) => sum + (typeof text === "string" ? text.length : 0),
    0,
  );
  expect(size * 2).toBeLessThan(limit);
});

describe("the stack's outputs", () => {
  it("say where the API is, and which nodes there are", () => {
    expect(product.outputs.endpoint).toBe("https://192.168.1.11:6443");
    expect(product.outputs.nodes).toEqual([
      { name: "cp1", address: "192.168.1.21" },
      { name: "cp2", address: "192.168.1.22" },
      { name: "cp3", address: "192.168.1.23" },
      { name: "w1", address: "192.168.1.101" },
      { name: "w2", address: "192.168.1.102" },
    ]);
  });

  it("have a kubeconfig that leads to the balancer", async () => {
    const kubeconfig = await valueOf(product.outputs.kubeconfig);
    expect(kubeconfig).toContain("server: https://192.168.1.11:6443");
    expect(kubeconfig).toContain("current-context: kubernetes-admin@test");
  });

  it("have what the last verification saw", async () => {
    await expect(valueOf(product.outputs.health)).resolves.toEqual({
      nodes: 5,
      controlPlanes: 3,
      etcdMembers: 3,
      podNetwork: true,
    });
  });
});
