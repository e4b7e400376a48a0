import { hosts, stackFile } from "../support/stackFile";
import { problemsOf, withWorker } from "./problemLines";

const file = stackFile();
const withSsh = (ssh: object): unknown => ({ ...file, ssh: { user: "admin", ...ssh } });

describe("a key that is not there", () => {
  it.each<[string, unknown]>([
    ["loadBalancer.endpoint", { ...file, loadBalancer: { kind: "existing" } }],
    ["loadBalancer.kind", { ...file, loadBalancer: { hosts: hosts("lb", 1, 10) } }],
    ["ssh.bastion.host", withSsh({ bastion: {} })],
    ["workers[0].taints[0].effect", withWorker({ taints: [{ key: "dedicated" }] })],
    ["etcd.topology", { ...file, etcd: {} }],
    ["network.cni.plugin", { ...file, network: { cni: {} } }],
    ["workers[0].address", withWorker({ address: undefined })],
  ])("is missing: %s", (path, input) => {
    expect(problemsOf(input)).toEqual([`${path}: is missing`]);
  });
});

describe("a value of another type", () => {
  it.each<[string, unknown]>([
    ["ssh.port: must be a number, not text", withSsh({ port: "22" })],
    ["ssh.port: must be a whole number", withSsh({ port: 22.5 })],
    ["ssh.port: has no value; must be a number", withSsh({ port: null })],
    ["ssh.agent: must be true or false, not text", withSsh({ agent: "yes" })],
    ["ssh.user: must be text, not true; put it in quotes", withSsh({ user: true })],
    ["ssh.user: must be text, not a list", withSsh({ user: ["admin"] })],
    [
      "kubernetes.version: must be text, not a number; put it in quotes",
      { ...file, kubernetes: { version: 1.37 } },
    ],
    ["workers[0].labels: must be an object, not a list", withWorker({ labels: ["a"] })],
    ["workers[0].taints: must be a list, not an object", withWorker({ taints: {} })],
    ["etcd: must be an object, not text", { ...file, etcd: "external" }],
    ["loadBalancer: must be an object, not text", { ...file, loadBalancer: "haproxy" }],
  ])("is told in words: %s", (line, input) => {
    expect(problemsOf(input)).toContain(line);
  });
});

describe("a value out of its range", () => {
  it.each<[string, unknown]>([
    ["ssh.port: must be at most 65535", withSsh({ port: 65_536 })],
    ["ssh.port: must be at least 1", withSsh({ port: 0 })],
    ["ssh.knownHosts: must not be empty", withSsh({ knownHosts: "" })],
    [
      "ssh.knownHosts: must be at most 4096 characters long",
      withSsh({ knownHosts: "x".repeat(4097) }),
    ],
    [
      "loadBalancer.vrrp.advertIntervalMs: must be a multiple of 10",
      { ...file, loadBalancer: { ...file.loadBalancer, vrrp: { advertIntervalMs: 15 } } },
    ],
    ["controlPlanes: needs at least 1 entry", { ...file, controlPlanes: [] }],
    ["controlPlanes: takes at most 7 entries", { ...file, controlPlanes: hosts("cp", 9, 20) }],
    [
      "containerd.package: must be containerd or containerd.io",
      { ...file, containerd: { package: "docker" } },
    ],
    [
      "workers[0].taints[0].effect: must be NoSchedule, PreferNoSchedule or NoExecute",
      withWorker({ taints: [{ key: "dedicated", effect: "Never" }] }),
    ],
    [
      "loadBalancer.kind: must be haproxy, nginx or existing",
      { ...file, loadBalancer: { kind: null } },
    ],
  ])("is told in words: %s", (line, input) => {
    expect(problemsOf(input)).toContain(line);
  });
});
