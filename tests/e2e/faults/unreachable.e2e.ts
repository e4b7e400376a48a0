import { hostNamed, readStack } from "../../../lab/stack";
import { updateKnownHosts } from "../../../lab/hosts/knownHosts";
import { journal } from "../support/cluster/journal";
import { powerOff, unplug } from "../support/faults/machines";
import { nodes } from "../support/cluster/nodes";
import {
  oneControlPlane,
  small,
  smallHosts,
  smallNodes,
  smallWith,
} from "../support/suite/smallCluster";
import { toldOf } from "../support/messages/told";
import { touchedHosts } from "../support/hosts/traces";

/** What the product says of each: what is wrong, and what to do. */
const words: Readonly<Record<(typeof smallHosts)[number], { what: RegExp; remedy: RegExp }>> = {
  lb: { what: /another SSH host key/, remedy: /known_hosts.*run `pulumi up` again/ },
  cp1: { what: /does not let .* in/, remedy: /authorized_keys.*run `pulumi up` again/ },
  w1: { what: /does not answer/, remedy: /see that it is up.*run `pulumi up` again/ },
  w2: {
    what: /nothing accepts SSH connections/,
    remedy: /see that it is up.*run `pulumi up` again/,
  },
};

/** Some key that no host has. */
const foreignKey =
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFF3uOtpJvj8O0d+wpTv5ox1Vd20FasRlHAmA5/hkvlc";

/** A fifth host, with which nothing is wrong. */
const withThirdWorker = smallWith((stack) => {
  stack.config["kubeadm-ha:workers"].push(small.hostEntry("w3", 23));
});
const hosts = [...smallHosts, "w3"];

beforeAll(async () => {
  small.writeStackFile(withThirdWorker);
  await small.freshHosts();
});

describe("hosts that cannot be reached", () => {
  let seconds: number;
  let output: string;
  let begin: number;

  beforeAll(async () => {
    const stack = readStack(small.lab);
    const { port } = hostNamed(stack, "lb", small.lab);
    updateKnownHosts(stack.knownHosts, [{ port, key: foreignKey }], { only: false });
    await small.outputOf("cp1", "rm ~admin/.ssh/authorized_keys");
    await unplug(small, "w1");
    await powerOff(small, "w2");
    begin = Date.now();
    output = await small.failingUp();
    seconds = (Date.now() - begin) / 1000;
  });

  it("end the run in bounded time", () => {
    console.log(`hosts that cannot be reached: given up after ${seconds.toFixed(1)} s`);
    expect(seconds).toBeLessThan(240);
  });

  it.each(smallHosts)("are each named with what is wrong and what to do: %s", (host) => {
    const { step, what, remedy } = toldOf(output, host);
    expect(step).toBe("preflight");
    expect(what).toMatch(words[host].what);
    expect(remedy).toMatch(words[host].remedy);
  });

  it("keep the others from being changed", async () => {
    // The one that can be reached has been looked at.
    const w3 = await journal(small, "w3", begin);
    expect(w3.map(([, text]) => text)).toContain("preflight: end");
    expect(await touchedHosts(small, ["lb", "cp1", "w1", "w3"])).toEqual([]);
  });

  it("are gone on with as soon as they are mended", async () => {
    // Plugs in and switches on what needs it, lets the stack's key in, and learns the hosts' keys.
    await small.addHosts();
    expect(await touchedHosts(small, hosts)).toEqual([]);
    await small.pulumiUp();
    const found = await nodes(small);
    expect([...found.keys()].sort()).toEqual([...smallNodes, "w3"]);
    for (const { name, ready } of found.values()) expect([name, ready]).toEqual([name, true]);
    expect(await touchedHosts(small, hosts)).toEqual(hosts);
    expect((await small.pulumiUp(["--expect-no-changes"])).changed).toEqual([]);
  });

  afterAll(() => small.ensureCluster(oneControlPlane));
});
