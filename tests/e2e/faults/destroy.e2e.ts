import { allowedDifferences } from "../support/hosts/allowedDifferences";
import { allHosts as externalHosts } from "../support/suite/external";
import { differences, Judge } from "../support/hosts/hostDifferences";
import { inNetworkOf, takeSnapshots, type Snapshots } from "../support/hosts/hostSnapshot";
import { killDuringUp } from "../support/faults/interruption";
import { powerOff } from "../support/faults/machines";
import type { Edit } from "../support/suite/stackFile";
import type { Suite } from "../support/suite/suite";
import { suite } from "../support/suite/suites";

const stacked = suite("faults");
const external = suite("externalFaults");
const stackedHosts = ["lb", "cp1", "cp2", "cp3", "w1", "w2"];

const judge = new Judge(allowedDifferences);

/** All nodes in every host's /etc/hosts, which is then the product's to clean too. */
const withHostsEntries: Edit = ({ config }) => {
  config["kubeadm-ha:network"] = { hostsEntries: true };
};

/** The same, and the other kind of balancer. */
const behindNginx: Edit = (stack) => {
  withHostsEntries(stack);
  stack.config["kubeadm-ha:loadBalancer"].kind = "nginx";
};

/** What hosts have of their owner's before the product comes: it has to be there afterwards. */
async function useBefore(hosts: readonly string[]): Promise<void> {
  const files =
    "mkdir -p -m 700 /home/admin/.kube && echo 'clusters: []' > /home/admin/.kube/config && chown -R admin: /home/admin/.kube" +
    " && echo 'net.ipv4.ip_forward = 0' > /etc/sysctl.d/10-own.conf && sysctl --quiet --load /etc/sysctl.d/10-own.conf" +
    " && mkdir -p /etc/systemd/system/nginx.service.d && echo '[Service]' > /etc/systemd/system/nginx.service.d/own.conf";
  for (const host of hosts) {
    await stacked.outputOf(host, files);
    const rules = ["-N OWN", "-A OWN -p tcp --dport 9 -j DROP", "-A INPUT -j OWN"];
    await inNetworkOf(stacked, host, rules.map((rule) => `iptables ${rule}`).join(" && "));
  }
}

/** What is other than before, on all hosts. */
function changes(before: Snapshots, after: Snapshots): readonly string[] {
  return [...after].flatMap(([host, now]) => {
    const was = before.get(host);
    if (was === undefined) throw new Error(`${host} was not looked at before`);
    return differences(host, was, now);
  });
}

function expectAsBefore(before: Snapshots, after: Snapshots): void {
  expect(judge.unexplained(changes(before, after))).toEqual([]);
}

async function destroyed(suite: Suite, what: string): Promise<void> {
  const run = await suite.pulumiDestroy();
  console.log(`destroy ${what}: ${run.seconds.toFixed(1)} s`);
  expect(run.seconds).toBeLessThan(180);
}

describe("destroy leaves hosts as they were: external etcd, a virtual IP", () => {
  afterAll(() => external.removeHosts());

  it("of a healthy cluster", async () => {
    external.writeStackFile(withHostsEntries);
    await external.freshHosts();
    const before = await takeSnapshots(external, externalHosts);
    await external.pulumiUp();
    // The positive control: all that is compared shows on a host that is in use.
    const inUse = changes(before, await takeSnapshots(external, externalHosts)).join("\n");
    for (const line of [
      "cp1 file /etc/kubernetes appeared, with ",
      "cp1 file /etc/hosts changed: ",
      "w1 interface flannel.1 appeared",
      "w1 iptables nat :KUBE-SERVICES - appeared",
      "w1 package kubelet appeared",
      "cp2 mount /var/lib/kubelet/pods/",
      "cp2 unit kubelet.service appeared",
      "cp2 process kube-apiserver appeared",
      "etcd3 user etcd appeared",
      "etcd3 unit-file etcd.service appeared",
      "lb1 nft table ip kubeadm-ha-vrrp appeared",
    ]) {
      expect(inUse).toContain(line);
    }
    await destroyed(external, "of a healthy cluster");
    expectAsBefore(before, await takeSnapshots(external, externalHosts));
  });
});

/** What is left of a pod that was being made when the kubelet ended: a shim whose container containerd does not know. */
const lonelyShim = `mkdir -p /run/containerd/story && cd /run/containerd/story &&
  echo '{}' > config.json && mkfifo log && exec 3<>log &&
  containerd-shim-runc-v2 -namespace k8s.io -id story -address /run/containerd/containerd.sock start > address &&
  timeout 10 bash -c "until pgrep -f '^/usr/bin/containerd-shim.* -id story '; do sleep 0.1; done"`;

describe("destroy leaves hosts as they were: stacked etcd", () => {
  let before: Snapshots;
  // What is left of the founder's machine belongs to no stack any more.
  afterAll(() => stacked.removeHosts());

  it("of a half-built cluster, whose Pulumi was killed while a control plane joined", async () => {
    stacked.writeStackFile(behindNginx);
    await stacked.freshHosts();
    await useBefore(["lb", "cp1", "w1"]);
    before = await takeSnapshots(stacked, stackedHosts);
    await killDuringUp(stacked, {
      on: "cp2",
      line: "join: kubeadm join",
      resource: "cp2-join",
    });
    await stacked.outputOf("cp1", lonelyShim);
    await destroyed(stacked, "of a half-built cluster");
    expectAsBefore(before, await takeSnapshots(stacked, stackedHosts));
  });

  it("of a cluster whose founder is gone for ever, which is not contacted", async () => {
    // On the hosts of the half-built one: what was cleaned is as good as new.
    await stacked.pulumiUp();
    await powerOff(stacked, "cp1");
    stacked.writeStackFile((stack) => {
      behindNginx(stack);
      Object.assign(stack.config["kubeadm-ha:controlPlanes"][0] ?? {}, { gone: true });
    });
    const run = await stacked.pulumiUp();
    console.log(`up with the founder gone: ${run.seconds.toFixed(1)} s`);
    expect(await stacked.stackOutput("health")).toMatchObject({ nodes: 4, etcdMembers: 2 });
    await destroyed(stacked, "with a host gone");
    const left = stackedHosts.filter((host) => host !== "cp1");
    expectAsBefore(before, await takeSnapshots(stacked, left));
  });
});

it("every line of the list of what may differ after a destroy was needed", () => {
  expect(judge.unneeded()).toEqual([]);
});
