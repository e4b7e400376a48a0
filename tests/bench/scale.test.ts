import { kindOf } from "../../bench/memory";
import { imaginaryWorkers } from "../../bench/scale/stack";

describe("imaginary workers", () => {
  const all = imaginaryWorkers(1000);

  it("have names, addresses and ports of their own", () => {
    for (const of of [
      all.map(({ name }) => name),
      all.map(({ address }) => address),
      all.map(({ ssh }) => String(ssh.port)),
    ])
      expect(new Set(of).size).toBe(1000);
  });

  it("have addresses that a host can have", () => {
    for (const { address } of all)
      expect(address).toMatch(/^198\.18\.(6[4-7])\.([1-9]\d?|1\d\d|2[0-4]\d|250)$/);
  });
});

describe("a process", () => {
  it.each([
    ["/cache/bin/pulumi preview --config-file x", "engine"],
    ["/usr/bin/node /w/node_modules/@pulumi/pulumi/cmd/run/index.js --monitor 1", "program"],
    ["/home/plugins/resource-tls-v5.6.1/pulumi-resource-tls 127.0.0.1:1", "plugins"],
    ["node /cache/bin/pulumi-language-nodejs", "other"],
  ])("%s is %s", (command, kind) => expect(kindOf(command)).toBe(kind));
});
