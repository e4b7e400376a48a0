import { expectSpreadEnded } from "../support/cluster/coredns";
import { findingsOf } from "../support/messages/findings";
import {
  expectOnlyLooked,
  footprintOf,
  touchedBetween,
  type Footprint,
} from "../support/hosts/footprint";
import { journal } from "../support/cluster/journal";
import { withoutState } from "../support/faults/lostState";
import { nodes } from "../support/cluster/nodes";
import {
  oneControlPlane,
  small,
  smallHosts as hosts,
  smallNodes,
  smallWith,
} from "../support/suite/smallCluster";
import type { Edit, HostEntry, StackFile } from "../support/suite/stackFile";

/** Seconds that a refusal may take at most. */
const bound = 120;

function workersOf(stack: StackFile): readonly [HostEntry, HostEntry] {
  const [first, second] = stack.config["kubeadm-ha:workers"];
  if (first === undefined || second === undefined) throw new Error("there are not two workers");
  return [first, second];
}

const footprint = (): Promise<Footprint> => footprintOf(small, hosts);

/** Writes the stack file with a change. */
const write = (edit: Edit): void => small.writeStackFile(smallWith(edit));

let before: Footprint;

beforeAll(async () => {
  await small.ensureCluster(oneControlPlane);
  await expectSpreadEnded(small);
  before = await footprint();
  // The positive control: what is compared is there.
  const seen = Object.keys(before);
  for (const host of hosts) expect(seen).toContain(`${host} /var/lib/kubeadm-ha/marker`);
  for (const host of smallNodes) {
    expect(seen).toEqual(expect.arrayContaining([`${host} kubelet`, `cluster Node/${host}`]));
    const said = (await journal(small, host, 0)).map(([, text]) => text);
    expect(said).toContain("join: end");
  }
});

/** Everything is as it was before the story: nothing was reset, restarted or joined anew. */
async function expectUntouched(): Promise<void> {
  expect(touchedBetween(before, await footprint())).toEqual([]);
  for (const node of (await nodes(small)).values())
    expect([node.name, node.ready]).toEqual([node.name, true]);
}

/** Runs `pulumi up`, which has to be refused without anything but the preflight having run on any host. */
async function refused(): Promise<string> {
  const begin = Date.now();
  const output = await small.failingUp();
  const seconds = (Date.now() - begin) / 1000;
  console.log(`refused after ${seconds.toFixed(1)} s`);
  expect(seconds).toBeLessThan(bound);
  await expectOnlyLooked(small, hosts, begin);
  await expectUntouched();
  return output;
}

/** The stack file as it was: nothing is to do, and nobody is contacted. */
async function putBack(): Promise<void> {
  const logins = await small.sshLoginsOf(hosts);
  small.writeStackFile(oneControlPlane);
  await small.pulumiUp();
  expect((await small.pulumiUp(["--expect-no-changes"])).changed).toEqual([]);
  expect(await small.sshLoginsOf(hosts)).toEqual(logins);
  await expectUntouched();
}

const inTwoRuns = "remove that entry in one `pulumi up` and add this one in the next";

describe("in one up is refused, and resets nothing:", () => {
  it("a worker under another name", async () => {
    write((stack) => {
      workersOf(stack)[0].name = "w9";
    });
    const output = await refused();
    expect(findingsOf(output, "w9")).toContain(`is w1 (worker) of this cluster; ${inTwoRuns}`);
    await putBack();
  });

  it("two workers with one another's addresses", async () => {
    write((stack) => {
      const [first, second] = workersOf(stack);
      const { address, ssh } = first;
      Object.assign(first, { address: second.address, ssh: second.ssh });
      Object.assign(second, { address, ssh });
    });
    const output = await refused();
    expect(findingsOf(output, "w1")).toContain(`is w2 (worker) of this cluster; ${inTwoRuns}`);
    expect(findingsOf(output, "w2")).toContain(`is w1 (worker) of this cluster; ${inTwoRuns}`);
    await putBack();
  });

  it("workers as control planes", async () => {
    write((stack) => {
      stack.config["kubeadm-ha:controlPlanes"].push(...workersOf(stack));
      stack.config["kubeadm-ha:workers"] = [];
    });
    const output = await refused();
    for (const name of ["w1", "w2"]) {
      expect(findingsOf(output, name)).toMatch(
        new RegExp(
          `for its role, control-plane;[^]*is ${name} \\(worker\\) of this cluster; ${inTwoRuns}`,
        ),
      );
    }
    await putBack();
  });

  it("a machine that has an entry already, under a second name", async () => {
    write((stack) => {
      const { ssh } = workersOf(stack)[0];
      stack.config["kubeadm-ha:workers"].push({ ...small.hostEntry("w9", 29), ssh });
    });
    // Already by the stack file: nobody is asked.
    const logins = await small.sshLoginsOf(hosts);
    expect(await refused()).toMatch(
      /workers\[2\]\.ssh: .* is already used by .*each machine has one entry/,
    );
    expect(await small.sshLoginsOf(hosts)).toEqual(logins);
    await putBack();
  });
});

describe("a lost state", () => {
  it("is no reason to make the cluster anew: up refuses every host, names what to do, and harms nothing", async () => {
    small.writeStackFile(oneControlPlane);
    const output = await withoutState(small, refused);
    for (const host of hosts) {
      expect(findingsOf(output, host)).toMatch(
        new RegExp(
          `belongs to another cluster of kubeadm-ha \\(id \\S+, host ${host}\\);.*restore its state`,
        ),
      );
    }
  });

  it("that is found again has nothing left to do", async () => {
    await putBack();
  });
});
