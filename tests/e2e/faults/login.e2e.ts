import path from "node:path";

import { ensureKeyPair } from "../../../lab/hosts/ssh";
import { readStack } from "../../../lab/stack";
import { expectSpreadEnded } from "../support/cluster/coredns";
import { eventually } from "../support/eventually";
import { commandsOf } from "../support/suite/exportedState";
import { footprintOf, touchedBetween, type Footprint } from "../support/hosts/footprint";
import type { Forwarder } from "../support/faults/loopback";
import { openOtherPorts } from "../support/faults/otherPorts";
import {
  entriesOf,
  oneControlPlane,
  small,
  smallHosts,
  smallWith,
} from "../support/suite/smallCluster";
import type { Edit } from "../support/suite/stackFile";

/** Another login: the user, and where the key lies. */
const user = "ops";
const keyFile = `.lab/${small.lab.stack}/other_ed25519`;

let forwarders: ReadonlyMap<string, Forwarder> = new Map();
let before: Footprint;

/** What the whole cluster looks like, once the pods that proved it are gone. */
async function footprint(): Promise<Footprint> {
  await eventually(60, async () => {
    const pods = await small.kubectl("get pods -n kube-system -l app=kubeadm-ha-verify -o name");
    if (pods !== "") throw new Error(`these pods are still there: ${pods}`);
  });
  return footprintOf(small, smallHosts);
}

/** `pulumi up` with another login: every Command runs, but those that found, and nothing is touched. */
async function expectNothingTouched(what: string, edit: Edit): Promise<void> {
  small.writeStackFile(smallWith(edit));
  const run = await small.pulumiUp();
  console.log(`${what}: ${run.seconds.toFixed(1)} s`);
  const commands = (await commandsOf(small)).filter((name) => !name.endsWith("-found"));
  expect([...run.changed].sort()).toEqual(commands.map((name) => `updated ${name}`).sort());
  expect(touchedBetween(before, await footprint())).toEqual([]);
}

const asOtherUser: Edit = ({ config }) => {
  Object.assign(config["kubeadm-ha:ssh"] as object, { user });
};
const throughOtherPorts: Edit = (stack) => {
  asOtherUser(stack);
  for (const { name, ssh } of entriesOf(stack)) ssh.port = forwarders.get(name)?.port ?? ssh.port;
};
const withOtherKey: Edit = (stack) => {
  throughOtherPorts(stack);
  Object.assign(stack.config["kubeadm-ha:ssh"] as object, { privateKeyFile: keyFile });
};

beforeAll(async () => {
  await small.ensureCluster(oneControlPlane);
  await expectSpreadEnded(small);
  before = await footprint();
});

afterAll(async () => {
  await small.ensureCluster(oneControlPlane);
  await Promise.all([...forwarders.values()].map((forwarder) => forwarder.close()));
  const away = `userdel --force --remove ${user}; rm -f /etc/sudoers.d/${user}`;
  await Promise.all(smallHosts.map((host) => small.onHost(host, away)));
});

describe("another login in the stack file", () => {
  it("would show in what is compared, if it touched anything", async () => {
    await small.outputOf("w1", "touch /var/lib/kubeadm-ha/marker && systemctl restart kubelet");
    await small.outputOf("lb", "systemctl reload haproxy");
    const touched = await footprint();
    expect(touchedBetween(before, touched)).toEqual([
      "lb haproxy",
      "w1 /var/lib/kubeadm-ha/marker",
      "w1 kubelet",
    ]);
    before = touched;
  });

  it("another user: everything runs again and nothing is touched", async () => {
    const home = `/home/${user}`;
    const enrol = `useradd --create-home --shell /bin/bash ${user} &&
      echo '${user} ALL=(ALL:ALL) NOPASSWD: ALL' > /etc/sudoers.d/${user} &&
      install -d -m 0700 -o ${user} -g ${user} ${home}/.ssh &&
      install -m 0600 -o ${user} -g ${user} /home/admin/.ssh/authorized_keys ${home}/.ssh/`;
    await Promise.all(smallHosts.map((host) => small.outputOf(host, enrol)));
    await expectNothingTouched("another SSH user", asOtherUser);
    // What the setting loginUserKubeconfig promises the new user.
    await small.outputOf("cp1", `runuser -u ${user} -- kubectl get nodes`);
  });

  it("other ports: likewise", async () => {
    forwarders = await openOtherPorts(small);
    await expectNothingTouched("other SSH ports", throughOtherPorts);
  });

  it("another key, with the old one no longer let in: likewise", async () => {
    const stack = readStack(small.lab);
    const publicKey = await ensureKeyPair({
      ...stack,
      privateKeyFile: path.join(small.lab.root, keyFile),
    });
    const replace = `cat > /home/${user}/.ssh/authorized_keys`;
    await Promise.all(smallHosts.map((host) => small.outputOf(host, replace, `${publicKey}\n`)));
    await expectNothingTouched("another SSH key", withOtherKey);
  });

  it("and all three back", async () => {
    await expectNothingTouched("user, ports and key back", () => undefined);
    expect((await small.pulumiUp(["--expect-no-changes"])).changed).toEqual([]);
  });
});
