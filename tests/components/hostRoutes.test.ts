import { missingRoutes, type PeerLook } from "../../components/hostRoutes";
import type { Role } from "../../components/remote/steps";

const look = (name: string, role: Role, address: string, ...printed: string[]): PeerLook => ({
  name,
  role,
  address,
  printed: ["machine-id 00", `hostname ${name}`, ...printed].join("\n"),
});
const cp1 = look("cp1", "control-plane", "10.0.0.11");
const w1 = look("w1", "worker", "10.0.1.21");

it("a host with a default route is in no doubt, as nothing is printed of it", () => {
  expect(missingRoutes([cp1, w1]).size).toBe(0);
});

it("a host without a default route is in doubt of peers that none of its networks holds", () => {
  const w2 = look("w2", "worker", "10.0.1.22", "route 10.0.1.0/24", "route 10.9.0.1");
  const far = look("w3", "worker", "10.9.0.1");
  expect([...missingRoutes([cp1, w1, w2, far])]).toEqual([["w2", "peer 10.0.0.11 cp1\n"]]);
});

it("a host is in doubt of peers in a network that it must not send to, its own networks or not", () => {
  const w2 = look("w2", "worker", "10.0.1.22", "no-route 10.0.0.0/24", "no-route 10.0.1.21");
  expect([...missingRoutes([cp1, w1, w2])]).toEqual([
    ["w2", "peer 10.0.0.11 cp1\npeer 10.0.1.21 w1\n"],
  ]);
});

it("etcd's hosts and workers or balancers need no route to each other", () => {
  const hosts = [
    look("lb1", "load-balancer", "10.0.0.1", "route 10.0.0.0/24"),
    look("etcd1", "etcd", "10.3.0.1", "route 10.3.0.0/24"),
    look("etcd2", "etcd", "10.4.0.1"),
    look("cp1", "control-plane", "10.0.0.11", "route 10.0.0.0/24"),
    look("w1", "worker", "10.0.0.21", "route 10.0.0.0/24"),
  ];
  expect([...missingRoutes(hosts)]).toEqual([
    ["etcd1", "peer 10.4.0.1 etcd2\npeer 10.0.0.11 cp1\n"],
    ["cp1", "peer 10.3.0.1 etcd1\npeer 10.4.0.1 etcd2\n"],
  ]);
});

it("what no preflight prints is no route", () => {
  const odd = look("w2", "worker", "10.0.1.22", "route $(id)", "route default", "no-route x/1");
  expect(missingRoutes([cp1, odd]).size).toBe(0);
});
