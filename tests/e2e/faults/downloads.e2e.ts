import { mirror as labMirror } from "../../../lab/mirror/mirror";
import { podman } from "../../../lab/hosts/podman";
import { network } from "../../../lab/hosts/network";
import { startDamagedMirror, type DamagedMirror } from "../support/faults/damagedMirror";
import { members } from "../support/cluster/etcd";
import { nodes } from "../support/cluster/nodes";
import { refusedUp } from "../support/messages/refusal";
import { oneControlPlane, small } from "../support/suite/smallCluster";
import type { Edit } from "../support/suite/stackFile";
import { toldOf } from "../support/messages/told";

/** What it takes to see every kind of download: packages on all hosts, images on nodes, etcd's archive on its host. */
const hosts = ["lb", "etcd1", "cp1", "w1"] as const;
const nodeNames = ["cp1", "w1"] as const;

/** A package that nodes alone need, and an image that every node needs. */
const conntrack = /\/conntrack_[^/]*\.deb$/;
const pause = "registry.k8s.io/pause:3.10.2";
const archive = /\/etcd-v[^/]*\.tar\.gz$/;

/** One of each, with an external etcd of one member. @param url of a mirror. Default: the lab's own. */
function cluster(url?: string): Edit {
  return (stack) => {
    oneControlPlane(stack);
    const { config } = stack;
    config["kubeadm-ha:workers"].splice(1);
    config["kubeadm-ha:etcd"] = {
      topology: "external",
      allowSingle: true,
      hosts: [small.hostEntry("etcd1", 31)],
      checksumsFile: ".lab/mirror/etcd-SHA256SUMS",
      service: { LimitNOFILE: "20000" },
    };
    config["kubeadm-ha:mirror"] = {
      apt: {
        url: `${url ?? `http://${labMirror.address}`}/apt`,
        keyFile: ".lab/mirror/apt-key.asc",
      },
      images: url ?? `http://${labMirror.address}:5000`,
      files: `${url ?? `http://${labMirror.address}`}/files`,
    };
  };
}

/** What the mirror of this story serves: all of the lab's, on one port. */
const sources = {
  "/apt/": `http://${labMirror.address}`,
  "/files/": `http://${labMirror.address}`,
  "/v2/": `http://${labMirror.address}:5000`,
};

/** The address at which the hosts see this machine. */
async function ownAddress(): Promise<string> {
  const inspected = JSON.parse(await podman(["network", "inspect", network.name])) as [
    { subnets: [{ gateway: string }] },
  ];
  return inspected[0].subnets[0].gateway;
}

/** What dpkg says of every package that it has heard of on a host. */
const packagesOn = (host: string): Promise<string> =>
  small.outputOf(host, "dpkg-query -W -f '${db:Status-Abbrev} ${Package} ${Version}\\n' | sort");

/** All hosts' packages before anything ran. */
const before = new Map<string, string>();

/** Nothing of it is on the hosts, not even by halves. */
async function expectNoPackageOn(names: readonly string[]): Promise<void> {
  for (const host of names) {
    expect(await small.outputOf(host, "dpkg --audit")).toBe("");
    expect(await packagesOn(host)).toBe(before.get(host));
  }
}

async function expectNoEtcd(): Promise<void> {
  const there = "find /opt/etcd -mindepth 1; ls -d /usr/local/bin/etcd* /etc/etcd";
  expect(await small.outputOf("etcd1", `{ ${there}; } 2>/dev/null || true`)).toBe("");
}

async function expectNoPauseImage(): Promise<void> {
  for (const host of nodeNames) {
    const images = await small.outputOf(host, "ctr -n k8s.io images ls -q");
    // What else was to come has come: it was this image alone.
    expect(images).toContain("registry.k8s.io/kube-proxy:v");
    expect(images).not.toContain("/pause:");
    expect(await small.outputOf(host, "ls /etc/kubernetes/kubelet.conf 2>/dev/null || true")).toBe(
      "",
    );
  }
}

/** The digest of a layer of the image that every node needs. */
async function pauseLayer(): Promise<string> {
  const answer = await fetch(
    `${sources["/v2/"]}/v2/pause/manifests/${pause.split(":").at(-1) ?? ""}`,
    { headers: { accept: "application/vnd.oci.image.manifest.v1+json" } },
  );
  const { layers } = (await answer.json()) as { layers: { digest: string }[] };
  const digest = layers.at(-1)?.digest;
  if (digest === undefined) throw new Error("the image has no layers");
  return digest;
}

let mirror: DamagedMirror;

/** Each of the hosts said what is wrong with a download, in its preparation, and what to do. */
function expectTold(
  output: string,
  names: readonly string[],
  { what, remedy }: { readonly what: RegExp; readonly remedy: RegExp },
): void {
  for (const host of names) {
    const told = toldOf(output, host);
    expect(told.step).toMatch(/^prepare-/);
    expect(told.what).toMatch(what);
    expect(told.remedy).toMatch(remedy);
  }
}

const notAllInstalled = {
  what: /^not all of these can be installed: .*\bconntrack\b/,
  remedy: /^see that the package source answers and has its files whole .* run `pulumi up` again/,
};
const notPulled = {
  what: new RegExp(`^the image ${pause} cannot be pulled`),
  remedy: /^see that the mirror \(mirror\.images\) answers and has it whole, then run `pulumi up`/,
};

beforeAll(async () => {
  small.writeStackFile(cluster());
  await small.freshHosts();
  for (const host of hosts) before.set(host, await packagesOn(host));
  mirror = await startDamagedMirror({ address: await ownAddress() }, sources);
  small.writeStackFile(cluster(mirror.url));
});

afterAll(async () => {
  await mirror.close();
  await small.removeHosts();
});

describe("a download", () => {
  it("from a mirror that does not answer: every host says so, and none is changed", async () => {
    const { hostname: address, port } = new URL(mirror.url);
    await mirror.close();
    try {
      const output = await refusedUp(small, "a mirror that does not answer");
      expectTold(output, ["lb", ...nodeNames], {
        what: /^the package lists cannot be read/,
        remedy: notAllInstalled.remedy,
      });
      expect(toldOf(output, "etcd1").remedy).toMatch(/^see that .* answers and has /);
      expect(output).toMatch(/onnection refused/);
      await expectNoPackageOn(hosts);
      await expectNoEtcd();
    } finally {
      mirror = await startDamagedMirror({ address, port: Number(port) }, sources);
    }
  });

  it("of a corrupt package and a corrupt archive: refused by their checksums, nothing unpacked", async () => {
    mirror.damage([
      { path: conntrack, damage: "corrupt" },
      { path: archive, damage: "corrupt" },
    ]);
    const output = await refusedUp(small, "a corrupt package, a corrupt archive");
    expectTold(output, nodeNames, notAllInstalled);
    expect(output).toMatch(/Failed to fetch \S+\/conntrack_\S+ +Hash Sum mismatch/);
    expectTold(output, ["etcd1"], {
      what: /^the SHA-256 of \S+\/etcd-v\S+\.tar\.gz is [0-9a-f]{64}, not [0-9a-f]{64}: nothing was unpacked$/,
      remedy: /^fetch the archive anew/,
    });
    expect(mirror.damaged().filter((path) => conntrack.test(path)).length).toBeGreaterThan(1);
    expect(mirror.damaged().some((path) => archive.test(path))).toBe(true);
    await expectNoPackageOn(nodeNames);
    await expectNoEtcd();
  });

  it("of a missing package and a missing archive: likewise", async () => {
    mirror.damage([
      { path: conntrack, damage: "missing" },
      { path: archive, damage: "missing" },
    ]);
    const output = await refusedUp(small, "a missing package, a missing archive");
    expectTold(output, nodeNames, notAllInstalled);
    expect(output).toMatch(/Failed to fetch \S+\/conntrack_\S+ +404 +Not Found/);
    expectTold(output, ["etcd1"], {
      what: /^http:\/\/\S+\/etcd-v\S+\.tar\.gz cannot be fetched/,
      remedy: /^see that its server answers and has it, then run `pulumi up` again/,
    });
    expect(output).toMatch(/returned error: 404/);
    await expectNoPackageOn(nodeNames);
    await expectNoEtcd();
  });

  it("of a missing image: no node goes on without it", async () => {
    mirror.damage([{ path: /^\/v2\/pause\/manifests\//, damage: "missing" }]);
    const output = await refusedUp(small, "a missing image");
    expectTold(output, nodeNames, notPulled);
    expect(mirror.damaged()).not.toEqual([]);
    await expectNoPauseImage();
  });

  it("of a corrupt layer of an image: refused by its digest", async () => {
    mirror.damage([
      { path: new RegExp(`^/v2/pause/blobs/${await pauseLayer()}`), damage: "corrupt" },
    ]);
    const output = await refusedUp(small, "a corrupt layer of an image");
    expectTold(output, nodeNames, notPulled);
    expect(output).toMatch(/unexpected commit digest sha256:[0-9a-f]{64}, expected sha256:/);
    expect(mirror.damaged()).not.toEqual([]);
    await expectNoPauseImage();
  });

  it("from a whole mirror: up makes the cluster, and nothing had to be cleaned", async () => {
    small.writeStackFile(cluster());
    const run = await small.pulumiUp();
    console.log(`up with a whole mirror: ${run.seconds.toFixed(1)} s`);
    const found = await nodes(small);
    expect([...found.keys()].sort()).toEqual(nodeNames);
    for (const node of found.values()) expect(node).toMatchObject({ ready: true });
    expect(await members(small, "etcd1")).toMatchObject([{ name: "etcd1", started: true }]);
    for (const host of hosts) expect(await small.outputOf(host, "dpkg --audit")).toBe("");
    expect((await small.pulumiUp(["--expect-no-changes"])).changed).toEqual([]);
  });
});
