import { findingsOf } from "../support/messages/findings";
import { oneControlPlane, small, smallHosts as hosts } from "../support/suite/smallCluster";
import { touchedHosts } from "../support/hosts/traces";

/** The hosts that the product has left something on. */
const touched = (): Promise<string[]> => touchedHosts(small, hosts);

beforeAll(async () => {
  small.writeStackFile(oneControlPlane);
  await small.freshHosts();
});
afterAll(() => small.removeHosts());

const listen = (port: number): string =>
  `systemd-run --quiet --unit kha-port-${port} perl -MIO::Socket::INET -e ` +
  `'my $s = IO::Socket::INET->new(LocalPort => ${port}, Listen => 5) or die; sleep'`;

/** A container's clock is its machine's, and none of its business; this one says that it is no container. */
const noContainer =
  "printf '#!/bin/sh\\nexit 1\\n' > /usr/local/bin/systemd-detect-virt && chmod 0755 /usr/local/bin/systemd-detect-virt";

describe("hosts that are not fit", () => {
  it("are all named at once, each with all that is wrong with it, and none is changed", async () => {
    await small.outputOf("lb", listen(6443));
    await small.outputOf("cp1", `${listen(10250)} && ${listen(2379)}`);
    await small.outputOf("cp1", "mkdir -p /etc/kubernetes && touch /etc/kubernetes/kubelet.conf");
    await small.outputOf("w1", "sed -i 's/^VERSION_ID=.*/VERSION_ID=11/' /etc/os-release");
    await small.outputOf("w1", `ip route add prohibit ${small.addressOf("lb")}`);
    await small.outputOf("w2", "chmod 0000 /etc/sudoers.d/* && mv /etc/sudoers.d /etc/sudoers.off");
    const output = await small.failingUp();
    expect(findingsOf(output, "lb")).toMatch(/listens on port 6443: perl, process \d+/);
    expect(findingsOf(output, "cp1")).toMatch(/a Kubernetes that kubeadm-ha did not make/);
    expect(findingsOf(output, "cp1")).toMatch(
      /listens on port 2379: perl[^]*listens on port 10250: perl/,
    );
    expect(findingsOf(output, "w1")).toMatch(
      /runs debian 11;[^]*does not reach the API's endpoint \S+ port 6443: Permission denied;/,
    );
    expect(output).toContain("w2: preflight: user admin has no right to use sudo");
    expect(await touched()).toEqual([]);
  });

  it("that are clones, or have no route to each other, are told of it at the gate, and none is changed", async () => {
    await small.outputOf("lb", "systemctl stop kha-port-6443");
    await small.outputOf(
      "cp1",
      "systemctl stop kha-port-10250 kha-port-2379; rm -r /etc/kubernetes",
    );
    await small.outputOf("w1", "sed -i 's/^VERSION_ID=.*/VERSION_ID=12/' /etc/os-release");
    await small.outputOf("w1", `ip route del prohibit ${small.addressOf("lb")}`);
    await small.outputOf("w2", "mv /etc/sudoers.off /etc/sudoers.d && chmod 0440 /etc/sudoers.d/*");
    const id = await small.outputOf("w1", "cat /etc/machine-id");
    await small.outputOf("w2", "cp /etc/machine-id /root/own && cat > /etc/machine-id", `${id}\n`);
    await small.outputOf("w2", noContainer);
    await small.outputOf("w2", `ip route add prohibit ${small.addressOf("cp1")}`);
    const output = await small.failingUp();
    expect(findingsOf(output, "w2")).toContain("has the same machine-id as w1");
    expect(findingsOf(output, "w2")).toContain(`has no route to cp1, ${small.addressOf("cp1")};`);
    const warned = output.match(/\w+: preflight: nothing synchronises this host's clock/g);
    expect(new Set(warned)).toEqual(
      new Set(["w2: preflight: nothing synchronises this host's clock"]),
    );
    expect(await touched()).toEqual([]);
  });

  it("are gone on with as soon as they are mended", async () => {
    await small.outputOf("w2", "cat /root/own > /etc/machine-id; rm /usr/local/bin/systemd-det*");
    await small.outputOf("w2", `ip route del prohibit ${small.addressOf("cp1")}`);
    await small.pulumiUp();
    expect(await touched()).toEqual(hosts);
    expect((await small.pulumiUp(["--expect-no-changes"])).changed).toEqual([]);
  });
});
