import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

import type { Sandbox } from "./sandbox";

const stubs = join(__dirname, "stubs");

/** A Node of the fake cluster. */
export interface FakeNode {
  readonly uid: string;
  readonly labels: readonly string[];
  readonly taints: readonly string[];
}

/**
 * A cluster made of files below `/cluster` of a sandbox, with kubectl, kubeadm and curl (tests/support/stubs) to ask and
 * change it. What the fake programs do not know fails, and says so.
 */
export class FakeCluster {
  constructor(private readonly machine: Sandbox) {
    for (const name of ["kubectl", "kubeadm", "curl"]) {
      machine.stub(name, readFileSync(join(stubs, `${name}.sh`), "utf8"));
    }
    machine.write("/cluster/etcd", "");
    machine.write("/cluster/sick", "");
    machine.write("/var/lib/kubeadm-ha/admin.conf", "the administrator's kubeconfig\n");
  }

  /** Lets the API answer at an address, as this cluster (its CA). */
  answers(address: string, code = 200): void {
    this.machine.write(`/cluster/api/${address}`, `${code}\n`);
  }

  /** Lets something else answer at an address. */
  answersForeign(address: string, code = 403): void {
    this.machine.write(`/cluster/foreign/${address}`, `${code}\n`);
  }

  /** Lets every kubectl fail, with a text. */
  isDown(text: string): void {
    this.machine.write("/cluster/down", text);
  }

  /** Lets the next requests meet an API server that has just begun, which refuses what it will know soon. */
  refuses(count: number): void {
    this.machine.write("/cluster/refusals", `${count}\n`);
  }

  /** Writes a field of the cluster's own record. */
  setRecord(field: string, text: string): void {
    this.machine.write(`/cluster/record/${field}`, text);
  }

  /** A field of the cluster's own record. */
  record(field: string): string | undefined {
    return this.machine.read(`/cluster/record/${field}`);
  }

  /** Adds a Node. */
  addNode(name: string, { uid = `old-uid-of-${name}`, ready = true } = {}): void {
    const file = (field: string, text: string): void =>
      this.machine.write(`/cluster/nodes/${name}/${field}`, text);
    file("uid", uid);
    file("ready", ready ? "True" : "Unknown");
    file("version", "v1.37.2");
  }

  /** The names of all Nodes. */
  nodes(): string[] {
    const folder = join(this.machine.root, "cluster/nodes");
    return existsSync(folder) ? readdirSync(folder).sort() : [];
  }

  /** A Node as it is now. */
  node(name: string): FakeNode {
    const lines = (field: string): string[] =>
      (this.machine.read(`/cluster/nodes/${name}/${field}`) ?? "")
        .split("\n")
        .filter(Boolean)
        .sort();
    return {
      uid: this.machine.read(`/cluster/nodes/${name}/uid`) ?? "",
      labels: lines("label"),
      taints: lines("taint"),
    };
  }

  /** Sets labels (`key=value`) or taints (`key=value:effect`) of a Node as somebody else would. */
  setEntries(name: string, kind: "label" | "taint", entries: readonly string[]): void {
    this.machine.write(`/cluster/nodes/${name}/${kind}`, entries.map((e) => `${e}\n`).join(""));
  }

  /** Adds a member of etcd; a learner votes only later. */
  addMember(name: string, address: string, { learner = false, sick = false } = {}): void {
    const member = [`id-${name}`, learner ? "unstarted" : "started", learner ? "" : name];
    const urls = [`https://${address}:2380`, learner ? "" : `https://${address}:2379`];
    const line = [...member, ...urls, String(learner)].join(", ");
    this.machine.write("/cluster/etcd", `${this.machine.read("/cluster/etcd") ?? ""}${line}\n`);
    if (sick)
      this.machine.write("/cluster/sick", `${this.machine.read("/cluster/sick") ?? ""}${name}\n`);
  }

  /** The names of etcd's members; a learner that has not started has none. */
  members(): string[] {
    const lines = (this.machine.read("/cluster/etcd") ?? "").split("\n").filter(Boolean);
    return lines.map((line) => line.split(", ")[2] ?? "").sort();
  }

  /** When a Node's kubelet last renewed its lease. */
  setLease(name: string, renewed: Date): void {
    this.machine.write(`/cluster/leases/${name}`, renewed.toISOString());
  }

  /** Lets a Node's kubelet renew its lease all the time. */
  setAlive(name: string): void {
    this.machine.write(`/cluster/alive/${name}`, "");
  }

  /** What was applied, as one text. */
  applied(): string {
    return this.machine.read("/cluster/applied") ?? "";
  }
}
