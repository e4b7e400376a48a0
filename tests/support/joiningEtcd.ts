import { addressOf, memberParameters } from "./etcdHost";
import { FakeEtcd } from "./fakeEtcd";
import { Sandbox, type Outcome } from "./sandbox";

/** The members of etcd that the stack file has. */
export const names = ["etcd1", "etcd2", "etcd3"];

/** How a join ends that made a member or left one as it is: its id, and no more. */
export function joined(id: string): Outcome {
  return { code: 0, stdout: id, stderr: "" };
}

/** A throw-away machine that joins an external etcd of this cluster, led by etcd1. */
export class JoiningEtcd {
  readonly machine = new Sandbox();
  readonly etcd = new FakeEtcd(this.machine);

  constructor() {
    this.etcd.setRecord("cluster", "c1");
    this.machine.write("/etcd/leader", "id-etcd1\n");
  }

  /** Runs the step of the host with this name. @param more.wanted the members in the stack file. Default: {@link names}. */
  join(name: string, more: { version?: string; wanted?: string[] } = {}): Outcome {
    return this.machine.step("join-etcd", {
      ...memberParameters(name, more.wanted ?? names, more.version),
      GENERATION: "1",
      CERTIFICATES: "a b",
    });
  }

  /** Lets these members run. */
  running(...members: string[]): void {
    for (const name of members) this.etcd.add(name, addressOf(name));
  }

  /** Expects that a step has been refused with this message and a next step, and that etcd's members are as they were. */
  expectRefused(outcome: Outcome, message: string): void {
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toContain(message);
    expect(outcome.stderr).toContain("\n  what to do: ");
    expect(this.etcd.changes()).toEqual([]);
  }
}
