import { stateResources } from "../../../lab/state";
import { allHosts } from "../support/suite/external";
import { killDuringUp, type Interruption } from "../support/faults/interruption";
import { journal } from "../support/cluster/journal";
import { expectClean } from "../support/hosts/leftovers";
import { suite } from "../support/suite/suites";

const faults = suite("externalFaults");
const virtualIp = "198.18.28.9";

/** A moment of a bring-up. */
type Moment = Interruption & {
  readonly when: string;
  /** What is at work on the host then takes longer than Pulumi needs to come back: the teardown has to end it. */
  readonly atWork: boolean;
};

const endsOldStep = "teardown: ending the step of process ";
const text = ([, line]: readonly [at: number, text: string]): string => line;

const moments: readonly Moment[] = [
  {
    when: "packages are being installed",
    on: "cp1",
    line: "prepare-node: installing ",
    resource: "cp1-prepare",
    atWork: true,
  },
  {
    when: "etcd2 is a learner and not yet a member",
    on: "etcd2",
    line: "join-etcd: learner added",
    before: "join-etcd: promoted",
    resource: "etcd2-join",
    atWork: false,
  },
  {
    when: "kubeadm init is at work",
    on: "cp1",
    line: "found: kubeadm init",
    before: "found: kubeadm init has ended",
    resource: `${faults.lab.stack}-found`,
    atWork: true,
  },
  {
    when: "cp2 joins",
    on: "cp2",
    line: "join: kubeadm join",
    before: "join: kubeadm join has ended",
    resource: "cp2-join",
    atWork: false,
  },
];

describe("destroy after kill -9 of Pulumi during the bring-up", () => {
  it.each(moments)("while $when: leaves clean hosts", async ({ when, atWork, ...moment }) => {
    faults.writeStackFile();
    await faults.freshHosts();
    const before = await packages();
    await killDuringUp(faults, moment);
    const begin = Date.now();
    const run = await faults.pulumiDestroy();
    const said = new Map(
      await Promise.all(
        allHosts.map(
          async (host) => [host, (await journal(faults, host, begin)).map(text)] as const,
        ),
      ),
    );
    const ended = said.get(moment.on)?.filter((line) => line.startsWith(endsOldStep)) ?? [];
    console.log(
      `destroy while ${when}: ${run.seconds.toFixed(1)} s; old step ended: ${ended.length > 0}`,
    );
    if (atWork) expect(ended).toHaveLength(1);
    // The positive control: every host had something of ours.
    for (const [host, lines] of said)
      expect([host, lines]).toEqual([host, expect.arrayContaining(["teardown: clean"])]);
    await expectClean(faults, allHosts, virtualIp);
    expect(await packages()).toEqual(before);
    expect(stateResources(faults.lab)).toBe(0);
  });
});

/** Each host's packages, and their states. */
async function packages(): Promise<readonly (readonly [host: string, packages: string])[]> {
  const list = "dpkg-query -W -f '${Package} ${Version} ${db:Status-Abbrev}\\n'";
  return Promise.all(
    allHosts.map(async (host) => [host, await faults.outputOf(host, list)] as const),
  );
}
