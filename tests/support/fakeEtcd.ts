import { mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";

import type { Sandbox } from "./sandbox";

const stubs = join(__dirname, "stubs");

/** A member as etcd lists it. */
export interface FakeMember {
  readonly id: string;
  readonly status: string;
  readonly name: string;
  readonly peerUrl: string;
  readonly learner: boolean;
}

/**
 * An external etcd made of files below `/etcd` of a sandbox, with etcdctl, systemctl and what else the etcd hosts' scripts
 * call (tests/support/stubs). The sandbox is one of its hosts, or about to be one: its etcd starts, joins and stops as the
 * unit and its settings say. What the fake programs do not know fails, and says so.
 */
export class FakeEtcd {
  constructor(
    private readonly machine: Sandbox,
    version = "3.7.3",
  ) {
    const users = machine.read("/etc/passwd") ?? "";
    machine.write("/etc/passwd", `${users}etcd:x:0:0::/var/lib/etcd:/usr/sbin/nologin\n`);
    machine.write("/etc/group", "root:x:0:\netcd:x:0:\n");
    machine.stub("etcdctl", readFileSync(join(stubs, "etcdctl.sh"), "utf8"));
    machine.stub("systemctl", readFileSync(join(stubs, "etcdSystemctl.sh"), "utf8"));
    machine.stub("journalctl");
    // Whether a port is open is what the files say; anything else that is given a time runs.
    machine.stub(
      "timeout",
      `shift\nif [[ \${3:-} != *'/dev/tcp/'* ]]; then exec "$@"; fi\n[[ -e /etcd/up/$4 || -e /etcd/listens/$4:$5 ]]`,
    );
    machine.stub(
      "curl",
      "url=${*: -1}\nhost=${url#https://}\n[[ -e /etcd/up/${host%%:*} ]] || { printf 000; exit 7; }\nprintf 200",
    );
    // The certificate that a port shows is the file, unless the test says otherwise.
    machine.stub(
      "openssl",
      `case "$*" in
        s_client*:2379*) cat /etcd/shown 2>/dev/null || cat /etc/etcd/pki/server.crt ;;
        s_client*:2380*) cat /etc/etcd/pki/peer.crt ;;
        x509*-in*) cat "$3" ;;
        *) cat ;;
      esac`,
    );
    this.release(version);
    mkdirSync(join(machine.root, ".usr-local/bin"), { recursive: true });
    symlinkSync(`/opt/etcd/v${version}/etcdctl`, join(machine.root, ".usr-local/bin/etcdctl"));
    machine.write("/etcd/members", "");
    machine.write("/etcd/up/.folder", "");
    for (const name of ["ca.crt", "server.crt", "server.key", "peer.crt", "peer.key"]) {
      machine.write(`/var/lib/kubeadm-ha/pki/etcd/${name}`, `our ${name}\n`);
    }
    for (const name of ["health.crt", "health.key"]) {
      machine.write(`/var/lib/kubeadm-ha/pki/etcd/${name}`, `our ${name}\n`);
    }
  }

  /** Installs a release's programs, as prepare-etcd does. */
  release(version: string): void {
    this.machine.write(
      `/opt/etcd/v${version}/etcdctl`,
      '#!/usr/bin/bash\nexec /stubs/etcdctl "$@"\n',
      0o755,
    );
  }

  /** Adds a member, which runs; a learner has not started. */
  add(name: string, address: string, { learner = false, running = true } = {}): void {
    const started = learner ? ["unstarted", ""] : ["started", name];
    const urls = [`https://${address}:2380`, learner ? "" : `https://${address}:2379`];
    const line = [`id-${name}`, ...started, ...urls, String(learner)].join(", ");
    this.machine.write("/etcd/members", `${this.machine.read("/etcd/members") ?? ""}${line}\n`);
    if (running && !learner) this.start(address);
  }

  /** Makes the sandbox's host a member that has its data, as a join that has ended leaves it. */
  holds(name: string, clusterId: string): void {
    this.machine.write("/var/lib/etcd/member/id", `id-${name}\n`);
    this.machine.write("/var/lib/etcd/member/wal/0.wal", "");
    this.machine.write("/var/lib/kubeadm-ha/etcd-member", `${clusterId} id-${name}\n`);
  }

  /** Lets the etcd at an address run. */
  start(address: string): void {
    this.machine.write(`/etcd/up/${address}`, "");
  }

  /** Lets the etcd at an address be gone, with its host. */
  stop(address: string): void {
    this.machine.run(["rm", "-f", `/etcd/up/${address}`], "");
  }

  /** Writes what etcd keeps. */
  setRecord(field: string, text: string): void {
    this.machine.write(`/etcd/keys/kubeadm-ha/${field}`, `${text}\n`);
  }

  /** What etcd keeps. */
  record(field: string): string | undefined {
    return this.machine.read(`/etcd/keys/kubeadm-ha/${field}`)?.trimEnd();
  }

  /** All members, learners too. */
  members(): FakeMember[] {
    const lines = (this.machine.read("/etcd/members") ?? "").split("\n").filter(Boolean);
    return lines.map((line) => {
      const [id = "", status = "", name = "", peerUrl = "", , learner] = line.split(", ");
      return { id, status, name, peerUrl, learner: learner === "true" };
    });
  }

  /** The names of the voters, sorted. */
  voters(): string[] {
    return this.members()
      .filter(({ learner }) => !learner)
      .map(({ name }) => name)
      .sort();
  }

  /** What etcdctl was asked to change, without its options: `member add etcd2 …`. */
  changes(): string[] {
    return this.machine
      .calls("etcdctl")
      .map((call) => call.replace(/^etcdctl (--\S+ )*/, ""))
      .filter((call) => /^(member (?!list)|put|move-leader)/.test(call));
  }

  /** What the host's service was told, questions left out. */
  service(): string[] {
    return this.machine
      .calls("systemctl")
      .map((call) => call.replace("systemctl ", ""))
      .filter((call) => !/^(show|is-active|reset-failed)/.test(call));
  }

  /** What the host's journal says of a join, in order. */
  notes(): string[] {
    return (this.machine.read("/stubs/calls") ?? "")
      .split("\n")
      .flatMap((line) => /^logger -t kubeadm-ha -- [a-z-]+: (.*)$/.exec(line)?.[1] ?? [])
      .filter((note) => note !== "begin" && note !== "end");
  }
}
