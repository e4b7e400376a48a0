import { existsSync } from "node:fs";

import { lockHolders } from "../../../lab/state";
import { eventually } from "../support/eventually";
import { expectClean } from "../support/hosts/leftovers";
import { readyNodes } from "../support/cluster/nodes";
import { forwardTo } from "../support/faults/loopback";
import { powerOff, powerOn } from "../support/faults/machines";
import { said, strikeDuringUp } from "../support/faults/struckRun";
import { refusedUp } from "../support/messages/refusal";
import { toldOf } from "../support/messages/told";
import { bastionPort, writeBehindBastion, writeForTheLab } from "../support/suite/bastion";
import { runPulumi } from "../support/suite/pulumiRun";
import { small, smallHosts, smallNodes } from "../support/suite/smallCluster";
import type { Edit } from "../support/suite/stackFile";
import { balancer } from "../support/suite/stackedCluster";

const withThirdWorker: Edit = (stack) => {
  stack.config["kubeadm-ha:workers"].push(small.hostEntry("w3", 23));
};
/** A step on w2 has something to do. */
const w2MadeAnew: Edit = (stack) => {
  const entry = stack.config["kubeadm-ha:workers"].find(({ name }) => name === "w2");
  Object.assign(entry ?? {}, { generation: 2 });
};

beforeAll(async () => {
  writeForTheLab();
  await small.freshHosts();
});

afterAll(() => small.removeHosts());

describe("hosts behind a jump host", () => {
  it("become a cluster, and every login comes from the jump host", async () => {
    const address = small.addressOf(balancer);
    writeBehindBastion();
    // The lab itself has logged in otherwise.
    const since = (Date.now() / 1000).toFixed(3);
    const run = await small.pulumiUp();
    console.log(`bring-up through a jump host: ${run.seconds.toFixed(1)} s`);
    expect(await readyNodes(small)).toEqual(smallNodes);
    for (const host of smallHosts) {
      const logins = await small.outputOf(
        host,
        `journalctl --since @${since} --no-pager -t sshd | grep 'Accepted publickey'`,
      );
      const from = new Set([...logins.matchAll(/ from (\S+) port /g)].map(([, at]) => at));
      // The jump host is dialled from outside, too.
      if (host === balancer) expect(from).toContain(address);
      else expect([...from]).toEqual([address]);
    }
    expect((await small.pulumiUp(["--expect-no-changes"])).changed).toEqual([]);
  });
});

describe("a jump host that refuses", () => {
  it("is named as what is wrong, and no host behind it is", async () => {
    const forwarder = await forwardTo(bastionPort());
    await forwarder.close();
    writeBehindBastion(undefined, forwarder.port);
    const output = await refusedUp(small, "a jump host that refuses");
    for (const host of smallHosts) {
      const { what, remedy } = toldOf(output, host);
      expect(what).toMatch(/^nothing accepts SSH connections: the jump host at 127\.0\.0\.1:\d+$/);
      expect(remedy).toMatch(/ssh\.bastion.*run `pulumi up` again/);
    }
    expect(output).not.toContain("gone: true");
    writeBehindBastion();
    expect((await small.pulumiUp(["--expect-no-changes"])).changed).toEqual([]);
  });
});

describe("a host that is off behind a jump host", () => {
  it("is named, with the jump host that did not get there; back, all is as before", async () => {
    await powerOff(small, "w2");
    writeBehindBastion(w2MadeAnew);
    // The jump host tries for a while each time that it is asked, and it is asked eleven times.
    const output = await refusedUp(small, "a host that is off behind a jump host", 300);
    const { what, remedy } = toldOf(output, "w2");
    expect(what).toMatch(/^the jump host at 127\.0\.0\.1:\d+ gets no connection to [\d.]+:22: /);
    expect(remedy).toMatch(/^see that w2 is up.*gone: true.*run `pulumi up` again/);
    writeForTheLab();
    await powerOn(small, "w2");
    writeBehindBastion();
    await small.pulumiUp();
    await eventually(120, async () => {
      expect(await readyNodes(small)).toEqual(smallNodes);
    });
  });
});

describe("a host behind a jump host that loses its power in the middle of a step", () => {
  it("is waited for, until Ctrl-C is pressed twice; cancel, and up goes on once it is back", async () => {
    writeForTheLab(withThirdWorker);
    await small.addHosts();
    writeBehindBastion(withThirdWorker);
    const run = await strikeDuringUp(
      small,
      said(small, "w3", "prepare-node: installing"),
      async () => {
        await small.outputOf("w3", "timeout 60 bash -c 'until pgrep -x dpkg; do sleep 0.05; done'");
        await powerOff(small, "w3");
        // Once lets steps end that have begun, and this one does not.
        await staysFor(5, pressCtrlC());
        pressCtrlC();
      },
    );
    console.log(`ended ${run.secondsAfter.toFixed(1)} s after the second Ctrl-C`);
    expect(run.code).not.toBe(0);
    expect(run.secondsAfter).toBeLessThan(60);
    await runPulumi(small.lab, ["cancel", "--yes"]);
    writeForTheLab(withThirdWorker);
    await powerOn(small, "w3");
    writeBehindBastion(withThirdWorker);
    await small.pulumiUp();
    expect(await readyNodes(small)).toEqual([...smallNodes, "w3"]);
    expect((await small.pulumiUp(["--expect-no-changes"])).changed).toEqual([]);
  });
});

describe("pulumi destroy through the jump host", () => {
  it("cleans every host, the jump host among them", async () => {
    await small.pulumiDestroy();
    await expectClean(small, [...smallHosts, "w3"]);
  });
});

/** Ctrl-C as a terminal sends it: to the whole group in the foreground. @returns Pulumi's process. */
function pressCtrlC(): number {
  const [engine, ...more] = lockHolders(small.lab);
  if (engine === undefined || more.length > 0) throw new Error("not one Pulumi is at work");
  process.kill(-engine, "SIGINT");
  return engine;
}

/** Expects that a process is there for all of some seconds. */
async function staysFor(seconds: number, pid: number): Promise<void> {
  const end = Date.now() + seconds * 1000;
  await eventually(seconds + 5, () => {
    expect(existsSync(`/proc/${pid}`)).toBe(true);
    return Date.now() < end ? Promise.reject(new Error("not long enough yet")) : Promise.resolve();
  });
}
