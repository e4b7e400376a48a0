import { leader } from "../support/cluster/etcd";
import { eventually } from "../support/eventually";
import { balancers, etcdHosts, external, holder, whole } from "../support/suite/external";
import { deeds, fault } from "../support/faults/fault";
import { plugIn, powerOff, powerOn, unplug } from "../support/faults/machines";
import { expectSurvival, type Fault } from "../support/faults/trials";

const { off, on } = deeds(external);

beforeAll(async () => {
  await external.ensureCluster();
  await whole();
});

/** Lets the fault happen while a client writes through the virtual IP. */
function survives(fault: Fault): Promise<void> {
  return expectSurvival(external, fault, () => whole());
}

/** The power of a host goes, and comes back when the client has got over it. */
function powerCut(name: string, choose: () => Promise<string>): Fault {
  return fault(name, choose, off, on);
}

const other = (name: string): string => balancers.find((one) => one !== name) ?? "";

describe("no acknowledged write is lost, and the API comes back soon, when", () => {
  it("an etcd follower is powered off", () =>
    survives(
      powerCut("etcd follower powered off", async () => {
        const leads = await leader(external, "etcd1");
        return etcdHosts.findLast((name) => name !== leads) ?? "";
      }),
    ));

  it("the etcd leader is powered off", () =>
    survives(powerCut("etcd leader powered off", () => leader(external, "etcd1"))));

  it("the balancer with the virtual IP is powered off; back, it leaves the address where it is", async () => {
    let hit = "";
    await survives({
      name: "balancer with the virtual IP powered off",
      async strike() {
        hit = await holder();
        await powerOff(external, hit);
      },
      async mend(writer) {
        await powerOn(external, hit);
        await eventually(60, () =>
          external.outputOf(hit, "systemctl is-active haproxy && systemctl is-active keepalived"),
        );
        await writer.steady(Date.now());
        expect(await holder()).toBe(other(hit));
      },
    });
  });

  it("the other balancer is powered off", () =>
    survives(powerCut("other balancer powered off", async () => other(await holder()))));

  it("HAProxy alone is killed", () =>
    survives({
      name: "HAProxy alone killed",
      strike: async () => {
        await external.outputOf(await holder(), "systemctl kill --signal KILL haproxy");
      },
    }));

  it("HAProxy alone is stopped", async () => {
    let hit = "";
    await survives({
      name: "HAProxy alone stopped",
      async strike() {
        hit = await holder();
        await external.outputOf(hit, "systemctl stop haproxy");
      },
      async mend() {
        expect(await holder()).toBe(other(hit));
        await external.outputOf(hit, "systemctl start haproxy");
      },
    });
  });

  it("the control plane that the client writes through is cut from the network", async () => {
    let hit = "";
    await survives({
      name: "control plane cut from the network",
      async strike(writer) {
        hit = await writer.serverBehind(await holder());
        await unplug(external, hit);
      },
      mend: () => plugIn(external, hit),
    });
  });
});
