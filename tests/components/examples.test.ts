import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import { join } from "node:path";

import type { SpecInput } from "../../config/spec";
import { validate } from "../../config/validate";
import { furnishHome } from "../support/examplesHome";
import { plan, standardInput, type Plan } from "../support/product";
import { committedStackFiles, inputOf } from "../support/stackFiles";

const files = committedStackFiles("examples");
/** The home of somebody who has all files that the examples name, and has seen all their hosts. */
const home = mkdtempSync(join(os.tmpdir(), "kubeadm-ha-examples-"));

beforeAll(() => {
  jest.spyOn(os, "homedir").mockReturnValue(home);
  furnishHome(home);
});
afterAll(() => {
  jest.restoreAllMocks();
  rmSync(home, { recursive: true });
});

/** What an `up` would do: unlike in a preview, every standard input is known. */
const up = (name: string): Promise<Plan> => plan(inputOf(join("examples", `Pulumi.${name}.yaml`)));
/** How a Command's host is reached. */
const connection = (made: Plan, command: string): unknown =>
  made.command(command).inputs["connection"];

it("are the three of the documentation", () => {
  expect(files.map((path) => path.replace(/^.*Pulumi\.|\.yaml$/g, "")).sort()).toEqual([
    "air-gapped",
    "bare-metal",
    "three-vms",
  ]);
});

it.each(files)("%s is right, and a preview plans its hosts", async (path) => {
  const input: SpecInput = inputOf(path);
  expect(validate(input)).toMatchObject({ ok: true });
  const { commands, outputs } = await plan(input, { preview: true });
  const names = [...input.controlPlanes, ...(input.workers ?? [])].map(({ name }) => name);
  expect(outputs.nodes.map(({ name }) => name)).toEqual(names);
  for (const name of names) expect([...commands.keys()]).toContain(`${name}-join`);
});

it("three VMs are reached through the jump host, behind the platform's load balancer", async () => {
  const made = await up("three-vms");
  expect(made.outputs.endpoint).toBe("https://api.example.com:6443");
  expect(connection(made, "vm2-join")).toMatchObject({
    host: "10.0.1.12",
    user: "debian",
    proxy: { host: "jump.example.com", user: "jumper" },
  });
});

it("bare metal is dialled on one network and clustered on the other", async () => {
  const made = await up("bare-metal");
  expect(made.outputs.endpoint).toBe("https://172.20.0.9:6443");
  expect(made.outputs.etcdEndpoints).toEqual(
    [31, 32, 33].map((last) => `https://172.20.0.${last}:2379`),
  );
  expect(connection(made, "cp2-join")).toMatchObject({ host: "10.9.0.12" });
  expect(standardInput(made.command("cp2-join")).parameters["KUBEADM_CONFIG"]).toContain(
    "172.20.0.12",
  );
});

it("the air-gapped site takes everything from its mirror", async () => {
  const made = await up("air-gapped");
  expect(made.outputs.endpoint).toBe("https://api.vault.example:6443");
  expect(standardInput(made.command("etcd1-prepare")).parameters["ETCD_SOURCE"]).toMatch(
    /^http:\/\/10\.50\.0\.5\/files/,
  );
  const texts = JSON.stringify([...made.commands.values()].map(({ inputs }) => inputs["stdin"]));
  expect(texts).not.toMatch(/pkgs\.k8s\.io|github\.com\/etcd-io\/etcd\/releases/);
});
