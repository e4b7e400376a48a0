import { addressOf } from "../support/etcdHost";
import { FakeEtcd } from "../support/fakeEtcd";
import { Sandbox, type Outcome } from "../support/sandbox";

let machine: Sandbox;
let etcd: FakeEtcd;
const names = ["etcd1", "etcd2", "etcd3"];

beforeEach(() => {
  machine = new Sandbox();
  etcd = new FakeEtcd(machine);
  etcd.setRecord("cluster", "c1");
  for (const name of names) etcd.add(name, addressOf(name));
  record(names);
  machine.write("/etcd/leader", "id-etcd1\n");
});
afterEach(() => machine.remove());

const record = (recorded: readonly string[]): void =>
  etcd.setRecord("members", recorded.map((name) => `${name} ${addressOf(name)} key/1`).join("\n"));
const roster = (wanted: readonly string[]): Outcome =>
  machine.step("roster-etcd", {
    HOST_NAME: "etcd1",
    LEAVING: "",
    CLUSTER_ID: "c1",
    MEMBERS: wanted.map((name) => `${name} ${addressOf(name)} id-${name}\n`).join(""),
  });
const proven = (wanted: readonly string[]): Outcome => ({
  code: 0,
  stdout: wanted.map((name) => `id-${name}\n`).join(""),
  stderr: "",
});

it("members that are those of the stack file are proven, and their ids printed", () => {
  expect(roster(names)).toEqual(proven(names));
  expect(etcd.changes()).toEqual([]);
});

describe("strangers that are recorded", () => {
  beforeEach(() => {
    for (const name of ["etcd4", "etcd5"]) etcd.add(name, addressOf(name));
    record([...names, "etcd4", "etcd5"]);
  });

  it("are removed, one after the other, and leave the record", () => {
    expect(roster(names)).toEqual(proven(names));
    expect(etcd.voters()).toEqual(names);
    expect(etcd.record("members")).not.toMatch(/etcd[45]/);
    expect(etcd.changes().filter((change) => change.startsWith("member remove"))).toEqual([
      "member remove id-etcd4",
      "member remove id-etcd5",
    ]);
  });

  it("give way first where one leads", () => {
    machine.write("/etcd/leader", "id-etcd5\n");
    expect(roster(names)).toEqual(proven(names));
    const changes = etcd.changes();
    expect(changes.indexOf("move-leader id-etcd1")).toBeGreaterThanOrEqual(0);
    expect(changes.indexOf("move-leader id-etcd1")).toBeLessThan(
      changes.indexOf("member remove id-etcd5"),
    );
  });

  it("may be gone with their hosts", () => {
    etcd.stop(addressOf("etcd4"));
    expect(roster(names)).toEqual(proven(names));
  });

  it("that etcd no longer has only leave the record: a run broke off in between", () => {
    machine.run(["sed", "-i", "/^id-etcd[45]/d", "/etcd/members"], "");
    expect(roster(names)).toEqual(proven(names));
    expect(etcd.record("members")).not.toMatch(/etcd[45]/);
  });

  it("stay while a wanted member is not healthy", () => {
    machine.write(`/etcd/sick/${addressOf("etcd2")}`, "");
    const { code, stderr } = roster(names);
    expect(code).toBe(1);
    expect(stderr).toContain(
      "etcd1: roster-etcd: not every etcd member is healthy: etcd2\n  what to do: ",
    );
    expect(etcd.changes()).toEqual([]);
  });
});

describe("etcd is not what the stack file says", () => {
  const told = ({ code, stdout, stderr }: Outcome, line: string): void => {
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toContain("etcd1: roster-etcd: etcd's members are not those of the stack file");
    expect(stderr).toContain(line);
  };

  it("where somebody else added a member: it is told, and stays", () => {
    etcd.add("mine", addressOf("etcd7"));
    told(
      roster(names),
      "    there:  id-mine started mine https://192.168.1.37:2380 https://192.168.1.37:2379 false\n",
    );
    expect(etcd.changes()).toEqual([]);
  });

  it("where a member has another id than its join printed", () => {
    machine.run(["sed", "-i", "s/^id-etcd3/id-other/", "/etcd/members"], "");
    told(roster(names), "    wanted: id-etcd3 started etcd3");
  });

  it("where a member is a learner only", () => {
    etcd.add("etcd4", addressOf("etcd4"), { learner: true });
    told(roster(names), "    there:  id-etcd4 unstarted - https://192.168.1.34:2380 - true\n");
  });

  it("where it is full: the members with the alarm are told at once, and the runbook", () => {
    // 255 is ff in the members' list.
    machine.run(["sed", "-i", "s/^id-etcd2/ff/", "/etcd/members"], "");
    machine.write("/etcd/alarms", "memberID:255  alarm:NOSPACE\nmemberID:7  alarm:NOSPACE\n");
    for (const name of names) machine.write(`/etcd/sick/${addressOf(name)}`, "");
    const { code, stdout, stderr } = roster(names);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(
      /^etcd1: roster-etcd: etcd refuses all writes: alarm NOSPACE on etcd2, NOSPACE on the member 7\n {2}what to do: .*"No space left" in docs\/operations\.md .*disarm the alarm/,
    );
    expect(machine.calls("etcdctl").some((call) => call.endsWith("endpoint health"))).toBe(false);
  });

  it("where it raises another alarm", () => {
    machine.write("/etcd/alarms", "memberID:7  alarm:CORRUPT\n");
    expect(roster(names).stderr).toContain("etcd raises an alarm: CORRUPT on the member 7\n");
  });

  it("where it is another cluster's", () => {
    etcd.setRecord("cluster", "c9");
    const { code, stderr } = roster(names);
    expect([code, etcd.changes()]).toEqual([1, []]);
    expect(stderr).toContain("is another cluster's (id c9); nothing was changed");
  });
});
