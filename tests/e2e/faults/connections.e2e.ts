import { eventually } from "../support/eventually";
import { journal } from "../support/cluster/journal";
import { powerOff, powerOn } from "../support/faults/machines";
import { readyNodes } from "../support/cluster/nodes";
import { oneControlPlane, small, smallNodes, smallWith } from "../support/suite/smallCluster";
import {
  cutSessionOfStep,
  limitStartups,
  takeOnlyStartup,
  turnedAway,
  unlimitStartups,
} from "../support/faults/sshServer";
import { said, strikeDuringUp, type StruckRun } from "../support/faults/struckRun";
import { toldOf } from "../support/messages/told";

/** What the product says of such connections: what is wrong, and what to do. */
const words = {
  lost: { what: /was lost/, remedy: /run `pulumi up` again/ },
  turnedAway: {
    what: /ends connections before a login/,
    remedy: /MaxStartups.*run `pulumi up` again/,
  },
};

/** Seconds in which a machine that went silent is noticed: the kernel asks nine times, every 15 s. */
const silence = 9 * 15 + 15;

const further = (...names: ("w3" | "w4")[]) =>
  smallWith((stack) => {
    const entries = names.map((name) => small.hostEntry(name, name === "w3" ? 23 : 24));
    stack.config["kubeadm-ha:workers"].push(...entries);
  });

beforeAll(() => small.ensureCluster(oneControlPlane));

describe("a new worker that loses its power while packages are installed on it", () => {
  let run: StruckRun;

  beforeAll(async () => {
    small.writeStackFile(further("w3"));
    await small.addHosts();
    run = await strikeDuringUp(small, said(small, "w3", "prepare-node: installing"), async () => {
      // apt downloads first; from here on something is half done.
      await small.outputOf("w3", "timeout 60 bash -c 'until pgrep -x dpkg; do sleep 0.05; done'");
      await powerOff(small, "w3");
    });
  });

  it("is noticed: the run ends in bounded time, names it and says what to do", async () => {
    console.log(`power lost during prepare: ended after ${run.secondsAfter.toFixed(1)} s`);
    expect(run.code).not.toBe(0);
    expect(run.secondsAfter).toBeLessThan(silence + 60);
    const { step, what, remedy } = toldOf(run.output, "w3");
    expect([step, what, remedy]).toEqual([
      "prepare-node",
      expect.stringMatching(words.lost.what),
      expect.stringMatching(words.lost.remedy),
    ]);
    expect(await readyNodes(small)).toEqual(smallNodes);
  });

  it("is gone on with by the next up, once it is back", async () => {
    await powerOn(small, "w3");
    const left = await small.outputOf("w3", "dpkg --audit; ls /var/lib/dpkg/updates");
    console.log(`what dpkg was in the middle of:\n${left}`);
    expect(left).not.toBe("");
    await small.pulumiUp();
    expect(await readyNodes(small)).toEqual([...smallNodes, "w3"]);
    expect(await small.outputOf("w3", "dpkg --audit; ls /var/lib/dpkg/updates")).toBe("");
    expect((await small.pulumiUp(["--expect-no-changes"])).changed).toEqual([]);
  });
});

describe("a connection that is cut while its step runs", () => {
  let begin: number;
  let cut: StruckRun;
  let next: StruckRun;
  /** Lines of the journal, and when the old step was let go on; milliseconds since 1970. */
  let released: number;

  // Somebody else installs something, so the step lasts as long as it has to.
  const lockDpkg =
    "systemd-run --quiet --unit kha-dpkg perl -MFcntl=:DEFAULT,:seek -e '" +
    'sysopen(my $f, "/var/lib/dpkg/lock-frontend", O_RDWR | O_CREAT) or die; ' +
    'my $lock = pack("s s x4 q q i x4", F_WRLCK, SEEK_SET, 0, 0, 0); fcntl($f, F_SETLK, $lock) or die; sleep\'';

  beforeAll(async () => {
    small.writeStackFile(further("w3", "w4"));
    await small.addHosts();
    await small.outputOf("w4", lockDpkg);
    await eventually(10, () =>
      small.outputOf("w4", "lslocks -o COMMAND,PATH | grep -E 'perl.*dpkg'"),
    );
    begin = Date.now();
    cut = await strikeDuringUp(small, said(small, "w4", "prepare-node: installing"), () =>
      cutSessionOfStep(small, "w4"),
    );
    const waits = (): Promise<string> => small.outputOf("w4", "pgrep -x flock");
    next = await strikeDuringUp(small, waits, async () => {
      released = Date.now();
      await small.outputOf("w4", "systemctl stop kha-dpkg");
    });
  });

  it("ends the run at once, with the host's name and what to do", () => {
    expect(cut.code).not.toBe(0);
    expect(cut.secondsAfter).toBeLessThan(60);
    const { step, what, remedy } = toldOf(cut.output, "w4");
    expect([step, what, remedy]).toEqual([
      "prepare-node",
      expect.stringMatching(words.lost.what),
      expect.stringMatching(words.lost.remedy),
    ]);
  });

  it("lets the step run on: the next up waits for its end, and goes on from there", async () => {
    if (next.code !== 0) throw new Error(next.output);
    const lines = await journal(small, "w4", begin);
    const edges = lines.filter(([, text]) => /^prepare-node: (begin|end)$/.test(text));
    expect(edges.map(([, text]) => text.split(" ")[1])).toEqual(["begin", "end", "begin", "end"]);
    const [, [firstEnd = 0] = []] = edges;
    // The next run's step was there already when the first one had still to end.
    expect(firstEnd).toBeGreaterThan(released);
    expect(await readyNodes(small)).toEqual([...smallNodes, "w3", "w4"]);
    expect((await small.pulumiUp(["--expect-no-changes"])).changed).toEqual([]);
  });
});

describe("an SSH server that has no place for another client", () => {
  beforeAll(async () => {
    small.writeStackFile(oneControlPlane);
    await limitStartups(small, "cp1");
  });
  afterAll(() => unlimitStartups(small, "cp1"));

  it("is dialled again and again, and then named; nothing has changed", async () => {
    const begin = Date.now();
    const held = await takeOnlyStartup(small, "cp1");
    const own = await turnedAway(small, "cp1", begin);
    const output = await small.failingUp().finally(() => held.close());
    const seconds = (Date.now() - begin) / 1000;
    console.log(`an SSH server that turns everybody away: given up after ${seconds.toFixed(1)} s`);
    expect(seconds).toBeLessThan(90);
    // The first dial, and ten more.
    expect((await turnedAway(small, "cp1", begin)) - own).toBeGreaterThanOrEqual(11);
    const { what, remedy } = toldOf(output, "cp1");
    expect(what).toMatch(words.turnedAway.what);
    expect(remedy).toMatch(words.turnedAway.remedy);
    expect(await readyNodes(small)).toEqual([...smallNodes, "w3", "w4"]);
  });

  it("is worked with as soon as it has one: no dial is lost for good", async () => {
    const begin = Date.now();
    const held = await takeOnlyStartup(small, "cp1");
    const own = await turnedAway(small, "cp1", begin);
    const freed = eventually(60, async () => {
      const count = await turnedAway(small, "cp1", begin);
      if (count < own + 3) throw new Error(`cp1 has turned ${count - own} dials away`);
    }).finally(() => held.close());
    const [run] = await Promise.all([small.pulumiUp(), freed]);
    for (const step of ["admit", "roster", "verify"]) {
      expect(run.changed).toContain(`updated ${small.lab.stack}-${step}`);
    }
    expect(run.changed).toEqual(
      expect.arrayContaining(["deleted w3-teardown", "deleted w4-teardown"]),
    );
    expect(await readyNodes(small)).toEqual(smallNodes);
    await small.removeSurplus();
  });
});
