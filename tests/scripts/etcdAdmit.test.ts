import { addressOf } from "../support/etcdHost";
import { FakeEtcd } from "../support/fakeEtcd";
import { leaving } from "../support/leaving";
import { Sandbox, type Outcome } from "../support/sandbox";

let machine: Sandbox;
let etcd: FakeEtcd;
const line = (name: string, identity = "key/1"): string =>
  `${name} ${addressOf(name)} ${identity}\n`;
const three = line("etcd1") + line("etcd2") + line("etcd3");
const five = three + line("etcd4") + line("etcd5");

beforeEach(() => {
  machine = new Sandbox();
  etcd = new FakeEtcd(machine);
  etcd.setRecord("cluster", "c1");
  etcd.setRecord("members", three.trimEnd());
  for (const name of ["etcd1", "etcd2", "etcd3"]) etcd.add(name, addressOf(name));
});
afterEach(() => machine.remove());

const admit = (members: string, more = {}): Outcome =>
  machine.step("admit-etcd", {
    HOST_NAME: "etcd1",
    CLUSTER_ID: "c1",
    ETCD_VERSION: "3.7.3",
    MEMBERS: members,
    ...more,
  });
const succeeded = { code: 0, stdout: "", stderr: "" };
const refused = (outcome: Outcome, message: string): void => {
  expect(outcome.code).toBe(1);
  expect(outcome.stderr).toContain(`etcd1: admit-etcd: ${message}`);
  expect(outcome.stderr).toContain("\n  what to do: ");
  expect(etcd.changes()).toEqual([]);
};

describe("members", () => {
  it("that are all recorded already change nothing", () => {
    expect(admit(three)).toEqual(succeeded);
    expect(etcd.changes()).toEqual([]);
  });

  it("are recorded before they join", () => {
    expect(admit(five)).toEqual(succeeded);
    expect(etcd.record("members")).toBe(five.trimEnd());
    expect(etcd.members()).toHaveLength(3);
  });

  it("are recorded although the leader died that was told first", () => {
    machine.write("/etcd/leaderless", "1\n");
    expect(admit(five)).toEqual(succeeded);
    expect(etcd.record("members")).toBe(five.trimEnd());
  });

  it("are not joined where etcd answers no write: it is told in etcd's words", () => {
    machine.write("/etcd/leaderless", "9\n");
    const { code, stderr } = admit(five);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /etcd1: admit-etcd: etcd does not take what [^]*etcdserver: request timed out\n {2}what to do: see that a majority/,
    );
    expect(etcd.record("members")).toBe(three.trimEnd());
  });

  it("that leave and live stay, in etcd and in the record, until the roster", () => {
    for (const name of ["etcd4", "etcd5"]) etcd.add(name, addressOf(name));
    etcd.setRecord("members", five.trimEnd());
    expect(admit(three)).toEqual(leaving("etcd4 etcd5"));
    expect(etcd.members()).toHaveLength(5);
    expect(etcd.record("members")).toBe(five.trimEnd());
  });

  it("that leave and are silent go before the joins, which etcd would refuse because of them", () => {
    etcd.stop(addressOf("etcd2"));
    const replaced = line("etcd1") + line("etcd3") + line("etcd4");
    expect(admit(replaced)).toEqual(leaving("etcd2"));
    expect(etcd.voters()).toEqual(["etcd1", "etcd3"]);
    expect(etcd.record("members")).toBe((replaced + line("etcd2")).trimEnd());
  });

  it("go also where etcd does it and does not answer in time", () => {
    etcd.stop(addressOf("etcd2"));
    machine.write("/etcd/late", "");
    expect(admit(line("etcd1") + line("etcd3") + line("etcd4"))).toEqual(leaving("etcd2"));
    expect(etcd.voters()).toEqual(["etcd1", "etcd3"]);
  });

  it("that an interrupted join left as learners go, wanted or not", () => {
    etcd.add("etcd7", addressOf("etcd7"), { learner: true });
    expect(admit(three)).toEqual(succeeded);
    expect(etcd.changes()).toEqual(["member remove id-etcd7"]);
  });
});

describe("without a majority", () => {
  it("nothing is admitted; the message counts who runs", () => {
    etcd.stop(addressOf("etcd1"));
    etcd.stop(addressOf("etcd3"));
    refused(
      admit(three),
      "etcd has no majority: of the 3 members in the stack file 1 runs (etcd2); nothing was changed\n",
    );
  });

  it("nor when nobody answers", () => {
    for (const name of ["etcd1", "etcd2", "etcd3"]) etcd.stop(addressOf(name));
    refused(admit(three), "no etcd member answers; nothing was started\n");
  });
});

describe("another etcd", () => {
  it("is not admitted to", () => {
    refused(
      admit(three, { CLUSTER_ID: "c2" }),
      "the etcd at 192.168.1.31 is another cluster's (id c1); nothing was changed",
    );
  });

  it("nor one without a record", () => {
    etcd.setRecord("cluster", "");
    refused(admit(three), "the etcd at 192.168.1.31 has no record of kubeadm-ha");
  });
});

describe("a release", () => {
  const runs = (version: string): void => {
    for (const name of ["etcd1", "etcd2", "etcd3"]) {
      machine.write(`/etcd/version/${addressOf(name)}`, version);
    }
  };
  const wants = (version: string): Outcome => {
    etcd.release(version);
    return admit(three, { ETCD_VERSION: version });
  };

  it("that is older than what runs is refused", () => {
    refused(
      wants("3.6.16"),
      "etcd runs 3.7.3 and the stack file wants 3.6.16: etcd does not go back\n",
    );
  });

  it("that is older than what one member runs is refused: an upgrade only goes on", () => {
    machine.write(`/etcd/version/${addressOf("etcd3")}`, "3.7.10");
    refused(admit(three), "etcd runs 3.7.10 and the stack file wants 3.7.3: etcd does not go back");
  });

  it("two minor versions away is refused", () => {
    runs("3.5.35");
    refused(
      admit(three),
      "etcd runs 3.5.35 and the stack file wants 3.7.3: etcd goes one minor version at a time",
    );
  });

  it.each([
    ["3.6.10", "3.7.3", "3.6.11"],
    ["3.5.25", "3.6.16", "3.5.26"],
  ])("%s does not go on to %s", (from, to, late) => {
    runs(from);
    refused(
      wants(to),
      `etcd runs ${from}: only ${late} and newer go on to 3.${to[2]} without trouble`,
    );
  });

  it.each([
    ["3.6.11", "3.7.3"],
    ["3.5.26", "3.6.16"],
    ["3.5.9", "3.5.35"],
    ["3.7.3", "3.7.10"],
  ])("%s goes on to %s", (from, to) => {
    runs(from);
    expect(wants(to)).toEqual(succeeded);
  });
});

describe("a machine made anew", () => {
  const renewed = line("etcd1") + line("etcd2") + line("etcd3", "new/1");

  it("loses its old member, and is recorded", () => {
    etcd.stop(addressOf("etcd3"));
    expect(admit(renewed)).toEqual(succeeded);
    expect(etcd.voters()).toEqual(["etcd1", "etcd2"]);
    expect(etcd.record("members")).toBe(renewed.trimEnd());
  });

  it("is not cleared again by the next run, when it has joined", () => {
    etcd.stop(addressOf("etcd3"));
    admit(renewed);
    etcd.add("etcd3", addressOf("etcd3"));
    machine.forget();
    expect(admit(renewed)).toEqual(succeeded);
    expect(etcd.changes()).toEqual([]);
  });

  it("may be the one this step runs on, the founder", () => {
    etcd.stop(addressOf("etcd1"));
    expect(admit(line("etcd1", "new/1") + line("etcd2") + line("etcd3"))).toEqual(succeeded);
    expect(etcd.voters()).toEqual(["etcd2", "etcd3"]);
  });

  it("may have another address: the old member is told by the recorded one", () => {
    etcd.stop(addressOf("etcd3"));
    const moved = line("etcd1") + line("etcd2") + "etcd3 192.168.1.99 new/1\n";
    expect(admit(moved)).toEqual(succeeded);
    expect(etcd.voters()).toEqual(["etcd1", "etcd2"]);
  });

  it("is refused while the old one serves", () => {
    refused(
      admit(renewed),
      "the machine that is etcd3 now is alive and is not the one in the stack file\n",
    );
  });
});

describe("etcd's majority", () => {
  it("is not given up: three to one is refused, with the numbers", () => {
    refused(
      admit(line("etcd1")),
      "etcd has 3 voting members and needs 2; without etcd2,etcd3 only 1 healthy ones would be left\n",
    );
  });

  it("is not given up where one leaves, one is made anew", () => {
    etcd.stop(addressOf("etcd2"));
    refused(
      admit(line("etcd1") + line("etcd2", "new/1")),
      "etcd has 3 voting members and needs 2; without etcd2,etcd3 only 1 healthy ones would be left\n",
    );
  });

  it("is not given up where another member is down already", () => {
    etcd.stop(addressOf("etcd2"));
    refused(
      admit(line("etcd1") + line("etcd2") + line("etcd4")),
      "etcd has 3 voting members and needs 2; without etcd3 only 1 healthy ones would be left\n",
    );
  });

  it("is kept by the three that stay of five, and not when one of them is down", () => {
    for (const name of ["etcd4", "etcd5"]) etcd.add(name, addressOf(name));
    etcd.setRecord("members", five.trimEnd());
    etcd.stop(addressOf("etcd1"));
    refused(
      admit(three),
      "etcd has 5 voting members and needs 3; without etcd4,etcd5 only 2 healthy ones would be left\n",
    );
    etcd.start(addressOf("etcd1"));
    expect(admit(three)).toEqual(leaving("etcd4 etcd5"));
  });
});
