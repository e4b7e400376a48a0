import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import path from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";

import type { Lab } from "../../lab/lab";
import {
  dropState,
  hasState,
  releaseDeadLocks,
  stateResources,
  stateSummary,
} from "../../lab/state";

let root: string;
let lab: Lab;
let stacks: string;
let locks: string;

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), "state-"));
  lab = { stack: "dev", root, stackFile: "", directory: path.join(root, ".lab/dev") };
  stacks = path.join(root, ".lab/state/.pulumi/stacks/kubeadm-ha");
  locks = path.join(root, ".lab/state/.pulumi/locks/organization/kubeadm-ha/dev");
  mkdirSync(stacks, { recursive: true });
  mkdirSync(locks, { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true }));

function writeState(stack: string, resources?: readonly unknown[]): void {
  const latest = { manifest: { time: "2026-11-23T21:46:21.142990617Z" }, resources };
  const text = JSON.stringify({ version: 3, checkpoint: { stack, latest } });
  writeFileSync(path.join(stacks, `${stack}.json`), text);
  writeFileSync(path.join(stacks, `${stack}.json.bak`), text);
}

describe("a stack's state", () => {
  test("may be missing, empty or full", () => {
    expect([hasState(lab), stateResources(lab), stateSummary(lab)]).toEqual([false, 0, "none"]);
    writeState("dev");
    expect([hasState(lab), stateResources(lab), stateSummary(lab)]).toEqual([true, 0, "empty"]);
    writeState("dev", [{}, {}]);
    expect(stateSummary(lab)).toBe("2 resources, last changed 2026-11-23 21:46:21");
  });

  test("that is being written at this moment does no harm", () => {
    writeFileSync(path.join(stacks, "dev.json"), '{"version":3,"check');
    expect(stateResources(lab)).toBe(0);
  });

  test("is dropped with its lock, and no other stack's", () => {
    writeState("dev", [{}]);
    writeState("dev2", [{}]);
    writeFileSync(path.join(locks, "1.json"), "{}");
    dropState(lab);
    expect(hasState(lab)).toBe(false);
    expect(existsSync(path.join(stacks, "dev.json.bak"))).toBe(false);
    expect(existsSync(locks)).toBe(false);
    expect(hasState({ ...lab, stack: "dev2" })).toBe(true);
  });
});

describe("a lock", () => {
  const writeLock = (name: string, pid: number, host: string): void =>
    writeFileSync(
      path.join(locks, name),
      JSON.stringify({ pid, hostname: host, username: "root" }),
    );
  /** Beyond what the kernel hands out. */
  const nobody = 2 ** 30;

  test("of a Pulumi that no longer runs is removed", () => {
    writeLock("dead.json", nobody, hostname());
    expect(releaseDeadLocks(lab)).toBe(1);
    expect(existsSync(path.join(locks, "dead.json"))).toBe(false);
  });

  test("of one that runs, here or elsewhere, stays", () => {
    writeLock("here.json", process.pid, hostname());
    writeLock("there.json", nobody, "another-machine");
    expect(releaseDeadLocks(lab)).toBe(0);
    expect(existsSync(path.join(locks, "here.json"))).toBe(true);
  });
});
