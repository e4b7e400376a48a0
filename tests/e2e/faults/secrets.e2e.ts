import { statSync } from "node:fs";

import { passphrase, pulumi } from "../../../lab/pulumi";
import { readStack } from "../../../lab/stack";
import { documentedSudoersRule } from "../../support/sudoersRule";
import {
  canaries,
  plantFile,
  plantInJournal,
  plantProcess,
  plantProcessHere,
} from "../support/secrets/canary";
import { findsOf, misplaced, type Find } from "../support/secrets/hostScan";
import { watchHost, watchThisMachine, type ProcessWatch } from "../support/secrets/processWatch";
import { pulumiFiles, temporaryFiles } from "../support/suite/pulumiFiles";
import { fail, succeed } from "../support/suite/pulumiRun";
import { betrayed, betrayedBy, Secrets } from "../support/secrets/secretScan";
import { allowed, places, sshKey } from "../support/secrets/keySearch";
import {
  holders,
  hosts,
  learn,
  look,
  madeAnew,
  maySudo,
  ofTheStack,
  oneOfEach,
  small,
  stackKeys,
  withCanary,
  withoutLabels,
} from "../support/secrets/secretsCluster";

const begin = Date.now();
const secrets = new Secrets();
/** Protects the state. On the lab's hosts nobody can look for it: it is also the name of the commit in what the lab builds. */
const password = new Secrets().addText(passphrase, "the passphrase").all;
/** What Pulumi has printed, by what it was told to do. */
const printed = new Map<string, string>();
const watches = new Map<string, ProcessWatch>();

async function askPulumi(): Promise<void> {
  for (const args of [
    ["stack", "export"],
    ["stack", "output", "--json"],
    ["stack", "history", "--json"],
    ["stack", "--show-urns"],
  ]) {
    const { stdout, stderr } = await pulumi(small.lab, args);
    printed.set(`pulumi ${args.join(" ")}`, `${stdout}${stderr}`);
  }
}

beforeAll(async () => {
  small.writeStackFile(oneOfEach);
  await small.freshHosts();
  for (const host of hosts) watches.set(host, watchHost(small, host));
  watches.set("this machine", watchThisMachine());
});

afterAll(async () => {
  await Promise.allSettled([...watches.values()].map((watch) => watch.stop()));
  await small.removeHosts();
});

describe("a login user with the narrow sudo rule of SECURITY.md", () => {
  it("may run the product's commands, and nothing else, as root", async () => {
    // The control: before, sudo lets the user do anything.
    expect(await maySudo("true")).toBe(true);
    for (const host of hosts) {
      const file = "/etc/sudoers.d/admin";
      const command = `cat > ${file} && chmod 0440 ${file} && visudo -cq`;
      await small.outputOf(host, command, documentedSudoersRule());
    }
    expect(await maySudo("timeout -k 30 900 bash -s")).toBe(true);
    const others = [
      ...["true", "-i", "bash -s", "timeout 900 bash -s", "timeout -k 30 900 bash"],
      ...["timeout -k 30 901 bash -s", "timeout -k 30 900 bash -s -- x", "-u sshd true"],
      "timeout -k 30 900 /usr/local/lib/kubeadm-ha/run ../../../../tmp/anything",
    ];
    for (const command of others) {
      expect([command, await maySudo(command)]).toEqual([command, false]);
    }
  });
});

describe("runs", () => {
  it("are previewed, while processes are there that show a canary", async () => {
    await plantProcess(small, "cp1", "command line");
    await plantProcess(small, "etcd1", "environment");
    const planted = plantProcessHere();
    const { output } = await succeed(small.lab, ["preview", "--diff"]);
    planted.end();
    printed.set("the first preview", output);
  });

  it("fail while keys are put on a control plane", async () => {
    const folder = "/var/lib/kubeadm-ha/pki";
    // Room for two files.
    const full = `mkdir -p ${folder} && mount -t tmpfs -o size=8k tmpfs ${folder}`;
    await small.outputOf("cp1", full);
    const output = await fail(small.lab, ["up", "--yes", "--skip-preview"]);
    await small.outputOf("cp1", `umount ${folder}`);
    printed.set("an up that fails at trust", output);
    expect(output).toContain(`cp1: trust-control-plane: cannot write ${folder}/`);
  });

  it("fail while a worker joins: its credential waits for the next run, for root alone", async () => {
    const folder = "/etc/kubernetes";
    const locked = `mkdir -p ${folder} && mount --bind ${folder} ${folder} && mount -o remount,bind,ro ${folder}`;
    await small.outputOf("w1", locked);
    const output = await fail(small.lab, ["up", "--yes", "--skip-preview", "--diff"]);
    printed.set("an up that fails at a join", output);
    expect(output).toMatch(/w1: join: `kubeadm join [^]*read-only file system/);
    expect(output).toContain("[secret]");
    await learn(secrets);
    const finds = await look(secrets);
    await small.outputOf("w1", `umount ${folder}`);
    expect(places(misplaced(finds, allowed))).toEqual([]);
    expect(places(findsOf(finds, [ofTheStack("kubeadm-ha-joiner")]))).toContain(
      "w1 /var/lib/kubeadm-ha/join.conf 600 root",
    );
  });

  it("succeed, with no more rights than these", async () => {
    small.writeStackFile(withCanary);
    const run = await succeed(small.lab, ["up", "--yes", "--diff"]);
    printed.set("an up", run.output);
    console.log(`secrets: the run that succeeds: ${run.seconds.toFixed(1)} s`);
    expect(await small.stackOutput("health")).toMatchObject({ nodes: 2, etcdMembers: 1 });
    const shown = await learn(secrets);
    // The control: where Pulumi is asked to show them, they are seen.
    expect(betrayed(shown, secrets.all)).toEqual(expect.arrayContaining([sshKey, ...stackKeys]));
    await askPulumi();
  });

  it("are previewed with keys that change hands, and with a label that nobody hides", async () => {
    const secret = await small.pulumiPreview(["--diff"], madeAnew);
    printed.set("a preview of new machines", secret.output);
    expect(secret.output).toMatch(/cp1-trust[^]*\[secret\]/);
    const open = await small.pulumiPreview(["--diff"], withoutLabels);
    printed.set("a preview of a label", open.output);
  });

  it("leave state, backups and history without any key", () => {
    const files = [...pulumiFiles(small.lab)];
    expect(betrayedBy(files, [...secrets.all, ...password])).toEqual({});
    // The controls: each folder was looked at, and what Pulumi keeps as it is was read.
    const within = (folder: string, paths: readonly string[]): boolean =>
      paths.some((file) => file.includes(`/.pulumi/${folder}/kubeadm-ha/`));
    const looked = files.map(([file]) => file);
    const seen = Object.keys(betrayedBy(files, canaries));
    expect([within("backups", looked), within("stacks", seen), within("history", seen)]).toEqual([
      true,
      true,
      true,
    ]);
    const key = statSync(readStack(small.lab).privateKeyFile);
    expect(key.mode & 0o777).toBe(0o600);
  });
});

describe("on hosts with a cluster", () => {
  const pki = "/var/lib/kubeadm-ha/pki";
  let finds: readonly Find[];

  beforeAll(async () => {
    await plantInJournal(small, "lb1", "PEM");
    await plantInJournal(small, "etcd1", "base64");
    await plantFile(small, "lb1", "/run/canary", "600");
    await plantFile(small, "etcd1", "/home/admin/.bash_history", "600", "admin");
    await plantFile(small, "w1", "/tmp/canary", "644");
    await plantFile(small, "cp1", "/var/log/kubeadm-ha/canary.log", "600");
    await plantFile(small, "cp1", `${pki}/readable.key`, "644");
    await plantFile(small, "cp1", `${pki}/of-a-user.key`, "600", "admin");
    await plantFile(small, "cp1", `${pki}/right.key`, "600");
    const from = performance.now();
    finds = await look(secrets);
    const seconds = ((performance.now() - from) / 1000).toFixed(1);
    console.log(`secrets: ${secrets.names.length} keys looked for on all hosts: ${seconds} s`);
  });

  it("a canary is found in files and journals, and where its owner or mode is wrong", () => {
    const canary = findsOf(finds, ["the canary's key"]);
    expect(places(canary)).toContain(`cp1 ${pki}/right.key 600 root`);
    // Where journald keeps its files depends on the host.
    const wrong = places(misplaced(canary, allowed)).filter((text) => !text.includes("/journal/"));
    expect(wrong).toEqual(
      [
        `cp1 ${pki}/of-a-user.key 600 admin`,
        `cp1 ${pki}/readable.key 644 root`,
        "cp1 /var/log/kubeadm-ha/canary.log 600 root",
        "etcd1 /home/admin/.bash_history 600 admin",
        "etcd1 journal",
        "lb1 /run/canary 600 root",
        "lb1 journal",
        "w1 /tmp/canary 644 root",
      ].sort(),
    );
  });

  it("keys lie in their places only, for their owners alone", () => {
    const keys = findsOf(finds, secrets.names);
    expect(places(misplaced(keys, allowed))).toEqual([]);
    expect(places(keys)).toEqual(
      expect.arrayContaining([
        `cp1 ${pki}/ca.key 600 root`,
        "cp1 /etc/kubernetes/pki/ca.key 600 root",
        "cp1 /home/admin/.kube/config 600 admin",
        "etcd1 /etc/etcd/pki/peer.key 600 etcd",
      ]),
    );
  });

  it("each host has the keys that it needs, and no others", () => {
    const who = Object.fromEntries(
      [sshKey, ...stackKeys].map((name) => [name, holders(finds, name)]),
    );
    expect(who).toEqual({
      [sshKey]: [],
      [ofTheStack("ca")]: ["cp1"],
      [ofTheStack("front-proxy-ca")]: ["cp1"],
      [ofTheStack("etcd-ca")]: [],
      [ofTheStack("service-account")]: ["cp1"],
      [ofTheStack("kubernetes-admin")]: ["cp1"],
      [ofTheStack("kubeadm-ha-joiner")]: [],
      [ofTheStack("etcd-etcd1-server")]: ["etcd1"],
      [ofTheStack("etcd-etcd1-peer")]: ["etcd1"],
      [ofTheStack("etcd-api-server-client")]: ["cp1"],
      [ofTheStack("etcd-health-client")]: ["etcd1"],
    });
    // What kubeadm and a kubelet have made on a host is on that host.
    const others = secrets.names.filter((name) => !(name in who));
    for (const name of others) {
      expect([name, holders(finds, name)]).toEqual([name, [name.split(" ")[0]]]);
    }
    expect(others.some((name) => name.startsWith("w1 /var/lib/kubelet/pki/"))).toBe(true);
    expect(others).toContain("cp1 /etc/kubernetes/pki/apiserver.key");
  });
});

describe("after destroy", () => {
  it("no file and no journal of a host has any key, while a canary is still found", async () => {
    const run = await succeed(small.lab, ["destroy", "--yes", "--diff"]);
    printed.set("destroy", run.output);
    const finds = await look(secrets);
    expect(places(findsOf(finds, secrets.names))).toEqual([]);
    const canary = places(findsOf(finds, ["the canary's key"]));
    expect(canary).toEqual(expect.arrayContaining(["lb1 journal", "w1 /tmp/canary 644 root"]));
    // What lay among the keys has gone with them.
    expect(canary.filter((text) => /cp1 \/(var\/lib|etc)\//.test(text))).toEqual([]);
  });
});

describe("on the machine that runs Pulumi", () => {
  it("nothing that Pulumi prints has a key in it", () => {
    expect(betrayedBy(printed, [...secrets.all, ...password])).toEqual({});
    // The control: what is open is shown.
    expect(Object.keys(betrayedBy(printed, canaries))).toEqual(
      expect.arrayContaining(["a preview of a label", "pulumi stack export"]),
    );
  });

  it("nor has any of its files, nor any temporary one", async () => {
    expect(betrayedBy(pulumiFiles(small.lab), [...secrets.all, ...password])).toEqual({});
    expect(betrayedBy(await temporaryFiles(begin), secrets.all)).toEqual({});
  });

  it("no process of a run had a key in its command line or environment, here or on a host", async () => {
    const lists = new Map<string, string>();
    for (const [where, watch] of watches) {
      const { commands, environments, sweeps } = await watch.stop();
      lists.set(`${where}: command lines`, commands).set(`${where}: environments`, environments);
      console.log(`secrets: ${where}: all processes looked at ${sweeps} times`);
      expect(sweeps).toBeGreaterThan(100);
    }
    expect(betrayedBy(lists, secrets.all)).toEqual({});
    // The controls: processes of the runs were seen, and so were those that showed a canary.
    expect(lists.get("cp1: command lines")).toContain("/usr/local/lib/kubeadm-ha/run join");
    expect(lists.get("this machine: command lines")).toContain("pulumi up --config-file");
    const found: unknown = expect.arrayContaining(["the canary's key"]);
    expect(betrayedBy(lists, canaries)).toMatchObject({
      "cp1: command lines": found,
      "etcd1: environments": found,
      "this machine: command lines": found,
      "this machine: environments": found,
    });
    // Pulumi itself takes the passphrase in its environment. The lab's builds name it, so only Pulumi's commands count.
    const here = lists.get("this machine: command lines")?.split("\n") ?? [];
    lists.set("Pulumi", here.filter((line) => line.includes("pulumi")).join("\n"));
    lists.delete("this machine: command lines");
    expect(Object.keys(betrayedBy(lists, password))).toEqual(["this machine: environments"]);
  });
});
