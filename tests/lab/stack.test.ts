import { readFileSync } from "node:fs";
import path from "node:path";

import { describe, expect, test } from "@jest/globals";

import { Failure } from "../../lab/failure";
import { openLab } from "../../lab/lab";
import { hostNamed, parseStack } from "../../lab/stack";

const root = path.join(__dirname, "..", "..");
const dev = readFileSync(path.join(root, "Pulumi.dev.yaml"), "utf8");

/** Reads a changed copy of the committed stack file. */
function changed(from: string, to: string): ReturnType<typeof parseStack> {
  expect(dev).toContain(from);
  return parseStack(dev.replace(from, to), "Pulumi.dev.yaml", "/checkout");
}

describe("the stack file as the lab reads it", () => {
  test("gives every host its role, its address and its port", () => {
    const { hosts } = parseStack(dev, "Pulumi.dev.yaml", "/checkout");
    expect(hosts.map((h) => [h.name, h.role, h.address, h.port])).toEqual([
      ["lb", "balancer", "198.18.0.10", 2210],
      ["cp1", "controlPlane", "198.18.0.11", 2211],
      ["cp2", "controlPlane", "198.18.0.12", 2212],
      ["cp3", "controlPlane", "198.18.0.13", 2213],
      ["w1", "worker", "198.18.0.21", 2221],
      ["w2", "worker", "198.18.0.22", 2222],
    ]);
  });

  test("reads paths as relative to the checkout", () => {
    const stack = parseStack(dev, "Pulumi.dev.yaml", "/checkout");
    expect(stack.privateKeyFile).toBe("/checkout/.lab/dev/id_ed25519");
    expect(stack.knownHosts).toBe("/checkout/.lab/dev/known_hosts");
    expect(stack.user).toBe("admin");
  });

  test("knows hosts of an external etcd", () => {
    const { hosts } = changed(
      "kubeadm-ha:etcd: { topology: stacked }",
      "kubeadm-ha:etcd: { topology: external, hosts: [{ name: etcd1, address: 198.18.0.31, ssh: { host: 127.0.0.1, port: 2231 } }] }",
    );
    expect(hosts).toContainEqual({
      name: "etcd1",
      role: "etcd",
      address: "198.18.0.31",
      port: 2231,
    });
  });

  test("does not want a host that is gone", () => {
    const { hosts } = changed("port: 2222 } }", "port: 2222 }, gone: true }");
    expect(hosts.map((h) => h.name)).not.toContain("w2");
  });

  test("needs no balancer hosts", () => {
    const text = dev.replace(/ {2}kubeadm-ha:loadBalancer:\n( {4}.*\n)+/, "");
    expect(parseStack(text, "f", "/c").hosts.map((h) => h.role)).not.toContain("balancer");
  });

  test.each([
    ["a host that is reached elsewhere", "host: 127.0.0.1, port: 2211", "host: 10.0.0.5, port: 22"],
    [
      "a host without its own way by SSH",
      "198.18.0.11, ssh: { host: 127.0.0.1, port: 2211 }",
      "198.18.0.11",
    ],
    ["an address outside the lab's network", "198.18.0.21", "192.168.1.21"],
  ])("refuses %s: it would not be the lab's", (_, from, to) => {
    expect(() => changed(from, to)).toThrow(/^Pulumi\.dev\.yaml: kubeadm-ha:\w+\[0\]\.\S+: must/);
  });

  test.each([
    ["name", "name: w2", "name: w1", "w1 and w1 have the same name, w1"],
    ["address", "198.18.0.22", "198.18.0.21", "w1 and w2 have the same address, 198.18.0.21"],
    ["port", "port: 2222", "port: 2221", "w1 and w2 have the same port, 2221"],
    ["the mirror's address", "198.18.0.22", "198.18.255.2", "w2: the lab itself uses 198.18.255.2"],
  ])("refuses the same %s twice", (_, from, to, message) => {
    expect(() => changed(from, to)).toThrow(`Pulumi.dev.yaml: ${message}`);
  });

  test("says what is wrong with a broken file in one line", () => {
    expect(() => parseStack("config: [", "f.yaml", "/c")).toThrow(
      /^f\.yaml: is not valid YAML: [^\n]+$/,
    );
    expect(() => parseStack("", "f.yaml", "/c")).toThrow(/^f\.yaml: /);
  });

  test("names the stack's hosts when asked for another", () => {
    const stack = parseStack(dev, "Pulumi.dev.yaml", "/checkout");
    expect(() => hostNamed(stack, "cp9", openLab("dev"))).toThrow(
      "cp9 is no host of the stack dev; its hosts are lb, cp1, cp2, cp3, w1, w2",
    );
  });
});

describe("a lab", () => {
  test("keeps its state in the checkout's .lab", () => {
    const lab = openLab("dev");
    expect(lab.directory).toBe(path.join(lab.root, ".lab", "dev"));
    expect(lab.stackFile).toBe(path.join(lab.root, "Pulumi.dev.yaml"));
  });

  test("takes a stack file from elsewhere", () => {
    expect(openLab("e2e", ".lab/e2e/x.yaml").stackFile).toBe(path.join(root, ".lab/e2e/x.yaml"));
    expect(openLab("e2e", "/tmp/x.yaml").stackFile).toBe("/tmp/x.yaml");
  });

  test.each(["Dev", "../x", "a b", "", "-x"])("refuses %j as a name", (name) => {
    expect(() => openLab(name)).toThrow(Failure);
  });
});
