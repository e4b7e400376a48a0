import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";

import { containerName, createArguments, listHosts } from "../../lab/hosts/containers";
import { learn, updateKnownHosts } from "../../lab/hosts/knownHosts";
import { cutAmong, macAddress } from "../../lab/hosts/network";
import { openLab } from "../../lab/lab";
import { mirrorStatus } from "../../lab/mirror/mirror";

const key = (letter: string): string => `ssh-ed25519 AAAA${letter}`;

describe("known_hosts", () => {
  let directory: string;
  let file: string;
  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), "known-hosts-"));
    file = path.join(directory, "known_hosts");
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  test("names the loopback's ports", () => {
    expect(learn("", [{ port: 2211, key: key("a") }])).toBe("[127.0.0.1]:2211 ssh-ed25519 AAAAa\n");
    expect(learn("", [{ port: 22, key: key("a") }])).toBe("127.0.0.1 ssh-ed25519 AAAAa\n");
  });

  test("replaces a host's key, and no other's", () => {
    const before = `[127.0.0.1]:2211 ${key("a")}\n[127.0.0.1]:22110 ${key("b")}\n# a remark\n`;
    expect(learn(before, [{ port: 2211, key: key("c") }])).toBe(
      `[127.0.0.1]:22110 ${key("b")}\n# a remark\n[127.0.0.1]:2211 ${key("c")}\n`,
    );
  });

  test("is written in one move, and keeps or forgets the others as asked", () => {
    writeFileSync(file, `[127.0.0.1]:2212 ${key("b")}\n`);
    updateKnownHosts(file, [{ port: 2211, key: key("a") }], { only: false });
    expect(readFileSync(file, "utf8").split("\n")).toHaveLength(3);
    updateKnownHosts(file, [{ port: 2211, key: key("c") }], { only: true });
    expect(readFileSync(file, "utf8")).toBe(`[127.0.0.1]:2211 ${key("c")}\n`);
    expect(readdirSync(directory)).toEqual(["known_hosts"]);
  });

  test("is made with its folder where there is none", () => {
    const deep = path.join(directory, "a", "b", "known_hosts");
    updateKnownHosts(deep, [{ port: 2211, key: key("a") }], { only: false });
    expect(readFileSync(deep, "utf8")).toContain("AAAAa");
  });
});

describe("on a machine without podman", () => {
  const searchPath = process.env["PATH"];
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), "no-podman-"));
  });
  afterEach(() => {
    process.env["PATH"] = searchPath;
    rmSync(directory, { recursive: true });
  });

  test("there are no hosts and no mirror, and nothing fails", async () => {
    process.env["PATH"] = directory;
    expect(await listHosts()).toEqual([]);
    expect(await cutAmong([])).toEqual(new Set());
    expect(await mirrorStatus()).toBe("absent");
  });
});

describe("a host's container", () => {
  const lab = openLab("e2e");
  const cp1 = { name: "cp1", address: "198.18.1.11", port: 2311, role: "controlPlane" } as const;
  const args = createArguments(lab, cp1, "an-image");
  const after = (flag: string): string[] => args.filter((_, i) => args[i - 1] === flag);

  test("has a name that podman cannot take for an ID", () => {
    expect(containerName("e2e", "cp1")).toBe("kha-e2e-cp1");
    expect(containerName("a", "b")).not.toMatch(/^[0-9a-f]+$/);
  });

  test("publishes SSH on the loopback only", () => {
    expect(after("--publish")).toEqual(["127.0.0.1:2311:22"]);
  });

  test("has a card that follows from its address", () => {
    expect(macAddress("198.18.1.11")).toBe("02:00:c6:12:01:0b");
    expect(after("--mac-address")).toEqual(["02:00:c6:12:01:0b"]);
    expect(after("--ip")).toEqual(["198.18.1.11"]);
  });

  test("says who made it", () => {
    expect(after("--label")).toEqual(
      expect.arrayContaining([
        "kubeadm-ha.stack=e2e",
        "kubeadm-ha.host=cp1",
        `kubeadm-ha.checkout=${lab.root}`,
      ]),
    );
  });

  test("boots the image's systemd, with a tree of its own", () => {
    expect(args.slice(-2)).toEqual(["an-image", "/sbin/init"]);
    expect(after("--systemd")).toEqual(["false"]);
    expect(after("--cgroupns")).toEqual(["private"]);
    expect(after("--stop-signal")).toEqual(["SIGRTMIN+3"]);
  });
});
