import type { SpecInput } from "../../config/spec";
import { hosts, stackFile } from "../support/stackFile";
import { problemsOf, withWorker } from "./problemLines";

const withNetwork = (network: SpecInput["network"]): string[] =>
  problemsOf(stackFile({}, { network }));

describe("the services' network", () => {
  it.each([
    ["10.0.0.0/11", "large"],
    ["10.0.0.0/8", "large"],
    ["10.96.0.0/29", "small"],
    ["10.96.0.1/32", "small"],
  ])("is refused as kubeadm would: %s", (serviceSubnet, what) => {
    expect(withNetwork({ serviceSubnet, podSubnet: "172.16.0.0/16" })).toEqual([
      `network.serviceSubnet: ${serviceSubnet} is too ${what}: kubeadm takes /12 to /28`,
    ]);
  });

  it.each(["10.96.0.0/12", "10.96.0.0/28"])("may be %s", (serviceSubnet) => {
    expect(withNetwork({ serviceSubnet })).toEqual([]);
  });
});

describe("the pods' network", () => {
  it("is refused as kubeadm would", () => {
    expect(withNetwork({ podSubnet: "10.0.0.0/7", serviceSubnet: "172.16.0.0/16" })).toEqual([
      "network.podSubnet: 10.0.0.0/7 is too large: kubeadm takes a /8 at most, and smaller ones",
    ]);
    expect(withNetwork({ podSubnet: "10.244.0.0/25" })).toEqual([
      expect.stringMatching(/^network.podSubnet: 10.244.0.0\/25 has room for 0 nodes/),
    ]);
  });

  it("may be a /8", () => {
    expect(withNetwork({ podSubnet: "10.0.0.0/8", serviceSubnet: "172.16.0.0/16" })).toEqual([]);
  });
});

describe("the endpoint", () => {
  it.each([
    ["10.244.3.4", "network.podSubnet 10.244.0.0/16"],
    ["10.96.0.1", "network.serviceSubnet 10.96.0.0/12"],
  ])("lies in no network of the cluster: %s", (endpoint, network) => {
    expect(problemsOf(stackFile({}, { endpoint }))).toEqual([
      `endpoint: ${endpoint} lies inside ${network}`,
    ]);
    expect(problemsOf(stackFile({}, { loadBalancer: { kind: "existing", endpoint } }))).toEqual([
      `loadBalancer.endpoint: ${endpoint} lies inside ${network}`,
    ]);
  });

  it("may be a name, or an address elsewhere", () => {
    for (const endpoint of ["api.example.com", "10.245.0.1", "192.168.1.9"]) {
      expect(problemsOf(stackFile({}, { endpoint }))).toEqual([]);
    }
  });
});

describe("a machine's address", () => {
  it.each([
    ["0.0.0.0", "an unspecified address"],
    ["127.0.1.1", "a loopback address"],
    ["169.254.7.8", "a link-local address"],
    ["224.0.0.18", "a multicast address"],
    ["240.0.0.1", "a reserved or broadcast address"],
    ["255.255.255.255", "a reserved or broadcast address"],
  ])("is none that leads nowhere: %s", (address, what) => {
    const message = `${address} is ${what}: no other host reaches a machine there`;
    expect(problemsOf(withWorker({ address }))).toEqual([`workers[0].address: ${message}`]);
    const loadBalancer = { kind: "nginx", hosts: hosts("lb", 1, 10), virtualIp: address } as const;
    expect(problemsOf(stackFile({}, { loadBalancer }))).toEqual([
      `loadBalancer.virtualIp: ${message}`,
    ]);
  });

  it.each(["1.0.0.1", "126.255.255.255", "128.0.0.1", "169.253.0.1", "169.255.0.1", "223.1.2.3"])(
    "may be %s",
    (address) => {
      expect(problemsOf(withWorker({ address }))).toEqual([]);
    },
  );

  it("is told once where it is none at all", () => {
    expect(problemsOf(withWorker({ address: "300.0.0.1" }))).toEqual([
      "workers[0].address: must be an IPv4 address such as 192.168.1.11",
    ]);
  });

  it("may lead from Pulumi's machine through its loopback", () => {
    expect(problemsOf(withWorker({ ssh: { host: "127.0.0.1", port: 2211 } }))).not.toContainEqual(
      expect.stringContaining("loopback"),
    );
  });
});
