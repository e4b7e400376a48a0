import { suite } from "../support/suites";

const small = suite("preflight");
const hosts = ["lb", "cp1", "w1", "w2"];

/** What a run told of each host. */
function toldOf(output: string, name: string): string {
  const begin = output.indexOf(`${name}: not fit to be a `);
  if (begin < 0) throw new Error(`nothing was told of ${name}:\n${output}`);
  const [head = "", ...rest] = output.slice(begin).split("\n");
  const end = rest.findIndex((line) => !/^\s*- /.test(line));
  return [head, ...rest.slice(0, end)].join("\n");
}

/** The hosts that the product has left something on. */
async function touched(): Promise<string[]> {
  const traces = "ls -d /var/lib/kubeadm-ha /usr/local/lib/kubeadm-ha 2>/dev/null || true";
  const found = await Promise.all(hosts.map((name) => small.outputOf(name, traces)));
  return hosts.filter((_, i) => found[i] !== "");
}

beforeAll(async () => {
  small.writeStackFile((stack) => {
    stack.config["kubeadm-ha:controlPlanes"].splice(1);
  });
  await small.freshHosts();
});
afterAll(() => small.removeHosts());

const listen = (port: number): string =>
  `systemd-run --quiet --unit kha-port-${port} perl -MIO::Socket::INET -e ` +
  `'my $s = IO::Socket::INET->new(LocalPort => ${port}, Listen => 5) or die; sleep'`;

describe("hosts that are not fit", () => {
  it("are all named at once, each with all that is wrong with it, and none is changed", async () => {
    await small.outputOf("lb", listen(6443));
    await small.outputOf("cp1", `${listen(10250)} && ${listen(2379)}`);
    await small.outputOf("cp1", "mkdir -p /etc/kubernetes && touch /etc/kubernetes/kubelet.conf");
    await small.outputOf("w1", "sed -i 's/^VERSION_ID=.*/VERSION_ID=11/' /etc/os-release");
    await small.outputOf("w1", `ip route add prohibit ${small.addressOf("lb")}`);
    await small.outputOf("w2", "chmod 0000 /etc/sudoers.d/* && mv /etc/sudoers.d /etc/sudoers.off");
    const output = await small.failingUp();
    expect(toldOf(output, "lb")).toMatch(/listens on port 6443: perl, process \d+/);
    expect(toldOf(output, "cp1")).toMatch(/a Kubernetes that kubeadm-ha did not make/);
    expect(toldOf(output, "cp1")).toMatch(
      /listens on port 2379: perl[^]*listens on port 10250: perl/,
    );
    expect(toldOf(output, "w1")).toMatch(/runs debian 11;[^]*does not reach the API's endpoint/);
    expect(output).toContain("w2: preflight: user admin has no right to use sudo");
    expect(await touched()).toEqual([]);
  });

  it("that are clones are told apart at the gate, and none is changed", async () => {
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
    const output = await small.failingUp();
    expect(toldOf(output, "w2")).toContain("has the same machine-id as w1");
    expect(await touched()).toEqual([]);
  });

  it("are gone on with as soon as they are mended", async () => {
    await small.outputOf("w2", "cat /root/own > /etc/machine-id");
    await small.pulumiUp();
    expect(await touched()).toEqual(hosts);
    expect((await small.pulumiUp(["--expect-no-changes"])).changed).toEqual([]);
  });
});
