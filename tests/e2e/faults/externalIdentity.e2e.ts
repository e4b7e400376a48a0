import { expectSpreadEnded } from "../support/cluster/coredns";
import type { Forwarder } from "../support/faults/loopback";
import { openOtherPorts } from "../support/faults/otherPorts";
import { withoutState } from "../support/faults/lostState";
import {
  expectOnlyLooked,
  footprintOf,
  touchedBetween,
  type Footprint,
} from "../support/hosts/footprint";
import { findingsOf } from "../support/messages/findings";
import { refusedUp } from "../support/messages/refusal";
import { commandsOf } from "../support/suite/exportedState";
import { allHosts, etcdHostsIn, externalCluster } from "../support/suite/external";
import type { Edit, HostEntry, StackFile } from "../support/suite/stackFile";
import { suite } from "../support/suite/suites";

const faults = suite("externalFaults");
const { whole } = externalCluster(faults, "198.18.28.9");

let forwarders: ReadonlyMap<string, Forwarder> = new Map();
let before: Footprint;

function balancersIn({ config }: StackFile): HostEntry[] {
  return config["kubeadm-ha:loadBalancer"].hosts ?? [];
}

/** Gives the first two machines of a list one another's names. */
function swap([first, second]: HostEntry[]): void {
  if (first === undefined || second === undefined) throw new Error("there are not two");
  const { address, ssh } = first;
  Object.assign(first, { address: second.address, ssh: second.ssh });
  Object.assign(second, { address, ssh });
}

const throughOtherPorts: Edit = (stack) => {
  const { "kubeadm-ha:controlPlanes": controlPlanes, "kubeadm-ha:workers": workers } = stack.config;
  const all = [...balancersIn(stack), ...etcdHostsIn(stack), ...controlPlanes, ...workers];
  for (const { name, ssh } of all) ssh.port = forwarders.get(name)?.port ?? ssh.port;
};

/** Expects a run that is refused by preflights alone, and leaves everything as it was. */
async function refused(what: string): Promise<string> {
  const begin = Date.now();
  const output = await refusedUp(faults, what);
  await expectOnlyLooked(faults, allHosts, begin);
  expect(touchedBetween(before, await footprintOf(faults, allHosts))).toEqual([]);
  return output;
}

async function putBack(): Promise<void> {
  faults.writeStackFile();
  expect((await faults.pulumiUp(["--expect-no-changes"])).changed).toEqual([]);
}

beforeAll(async () => {
  await faults.ensureCluster();
  await whole();
  await expectSpreadEnded(faults);
  before = await footprintOf(faults, allHosts);
  // The positive control: what is compared is there.
  expect(Object.keys(before)).toEqual(
    expect.arrayContaining(["etcd1 etcd", "etcd1 /etc/etcd/pki/server.key", "lb1 keepalived"]),
  );
});

afterAll(async () => {
  await faults.ensureCluster();
  await Promise.all([...forwarders.values()].map((forwarder) => forwarder.close()));
});

describe("in one up is refused, and resets nothing:", () => {
  it.each<[string, string, (stack: StackFile) => HostEntry[], readonly [string, string]]>([
    ["two etcd hosts", "etcd", etcdHostsIn, ["etcd1", "etcd2"]],
    ["two balancers", "load-balancer", balancersIn, ["lb1", "lb2"]],
  ])("%s with one another's addresses", async (what, role, listOf, [one, other]) => {
    faults.writeStackFile((stack) => {
      swap(listOf(stack));
    });
    const output = await refused(`${what} with one another's addresses`);
    for (const [name, is] of [
      [one, other],
      [other, one],
    ] as const) {
      expect(findingsOf(output, name)).toContain(`is ${is} (${role}) of this cluster; remove`);
    }
    await putBack();
  });
});

describe("a lost state", () => {
  it("is no reason to make etcd anew: up refuses every host, and harms nothing", async () => {
    faults.writeStackFile();
    const output = await withoutState(faults, () => refused("a lost state, external etcd"));
    for (const host of allHosts) {
      expect(findingsOf(output, host)).toContain("belongs to another cluster of kubeadm-ha");
    }
    await putBack();
  });
});

describe("another port of every host's SSH", () => {
  it("lets every Command run again, and touches nothing: no member of etcd restarts", async () => {
    forwarders = await openOtherPorts(faults);
    faults.writeStackFile(throughOtherPorts);
    const run = await faults.pulumiUp();
    // A founding happens once.
    const commands = (await commandsOf(faults)).filter((name) => !name.endsWith("-found"));
    expect([...run.changed].sort()).toEqual(commands.map((name) => `updated ${name}`).sort());
    expect(touchedBetween(before, await footprintOf(faults, allHosts))).toEqual([]);
    await whole();
  });
});
