import {
  certificateNamesOf,
  endpointOf,
  endpointText,
  founderOf,
  nodesOf,
} from "../../config/topology";
import { validate } from "../../config/validate";
import type { Spec, SpecInput } from "../../config/spec";
import { hosts, stackFile, type Shape } from "../support/stackFile";

function specOf(shape: Partial<Shape>, more: Partial<SpecInput> = {}): Spec {
  const validation = validate(stackFile(shape, more));
  if (!validation.ok) throw new Error(JSON.stringify(validation.problems));
  return validation.spec;
}

it("takes the only balancer's address and its port as the endpoint", () => {
  const loadBalancer = { kind: "haproxy" as const, hosts: hosts("lb", 1, 10), port: 8443 };
  expect(endpointText(endpointOf(specOf({}, { loadBalancer })))).toBe("192.168.1.11:8443");
});

it("takes the endpoint's name where there is one", () => {
  expect(endpointOf(specOf({ balancers: 2 }))).toEqual({ host: "api.example.com", port: 6443 });
});

it("lists control planes first; the first of them founds the cluster", () => {
  const spec = specOf({ controlPlanes: 3, workers: 1 });
  expect(nodesOf(spec).map(({ name }) => name)).toEqual(["cp1", "cp2", "cp3", "w1"]);
  expect(founderOf(spec).name).toBe("cp1");
});

it("puts every way to a balancer into the certificates, each once", () => {
  expect(certificateNamesOf(specOf({ balancers: 2 }))).toEqual([
    "api.example.com",
    "lb1",
    "192.168.1.11",
    "lb2",
    "192.168.1.12",
    "127.0.0.1",
  ]);
  expect(certificateNamesOf(specOf({}))).toEqual(["192.168.1.11", "lb1", "127.0.0.1"]);
});
