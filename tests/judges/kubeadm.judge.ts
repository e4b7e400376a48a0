import path from "node:path";

import { ensureOldKubeadm } from "../../lab/build/artefacts";
import { ensure } from "../../lab/build/recipe";
import { kubernetes } from "../../lab/build/recipes/kubernetes";
import { ensureSystemPackages, requireGo } from "../../lab/build/systemPackages";
import { kubernetesReleases, versions } from "../../lab/build/versions";
import { lines } from "../../lab/output";
import { golden, goldenNames } from "../support/golden";
import { Sandbox, type Outcome } from "../support/sandbox";

const releases = kubernetesReleases.map(({ version }) => version);
const folders = new Map<string, string>();
let machine: Sandbox;

// Hours, because a cold build is bounded by the machine and not by this test.
const buildTime = 2 * 3600 * 1000;

beforeAll(async () => {
  const report = lines();
  await ensureSystemPackages(report, ["gcc", "libc6-dev"]);
  await requireGo();
  const built = await ensure(releases.map(kubernetes), report);
  for (const version of releases) {
    folders.set(version, path.join(built.get(kubernetes(version).name) ?? "", "bin"));
  }
  folders.set(versions.oldKubeadm, path.dirname(await ensureOldKubeadm(report)));
}, buildTime);

beforeEach(() => {
  machine = new Sandbox();
  // kubeadm looks whether the discovery file is there.
  machine.write("/var/lib/kubeadm-ha/join.conf", "");
});
afterEach(() => machine.remove());

/** What the real kubeadm of a version says to a configuration file. */
function judge(version: string, text: string): Outcome {
  const folder = folders.get(version);
  if (folder === undefined) throw new Error(`there is no kubeadm ${version} to judge by`);
  machine.mount(folder, "/programs");
  machine.write("/kubeadm.yaml", text);
  return machine.run(["/programs/kubeadm", "config", "validate", "--config", "/kubeadm.yaml"], "");
}

/** `init-fragments-1.37.2.yaml` is for 1.37.2. */
function versionOf(name: string): string {
  return /-(\d+\.\d+\.\d+)\.yaml$/.exec(name)?.[1] ?? "";
}

const names = goldenNames("kubeadm");

it("has goldens for every version that there is a kubeadm of, and for no other", () => {
  expect(new Set(names.map(versionOf))).toEqual(new Set([...releases, versions.oldKubeadm]));
});

it.each(names)("%s is taken by its kubeadm", (name) => {
  expect(judge(versionOf(name), golden("kubeadm", name))).toEqual({
    code: 0,
    stdout: "ok\n",
    stderr: "",
  });
});

it.each([...releases, versions.oldKubeadm])("kubeadm %s refuses a key that is wrong", (version) => {
  const wrong = golden("kubeadm", `init-${version}.yaml`).replace("podSubnet", "podSubnets");
  const { code, stdout, stderr } = judge(version, wrong);
  expect(code).not.toBe(0);
  expect(stdout + stderr).toContain('unknown field "networking.podSubnets"');
});
