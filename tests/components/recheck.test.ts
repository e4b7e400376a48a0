import { plan, standardInput, type Plan } from "../support/product";
import { agent, stackFile } from "../support/stackFile";

let product: Plan;
beforeAll(async () => {
  product = await plan(stackFile({ controlPlanes: 1, workers: 3 }, agent), {
    preflights: {
      cp1: "machine-id 00\nhostname cp1\n",
      w1: "machine-id 01\nhostname w1\n",
      w2: "machine-id 01\nhostname w2\nno-route 192.168.1.0/24\n",
      w3: "machine-id 03\nhostname w3\nroute 192.168.0.0/16\n",
    },
  });
});

const isRecheck = (name: string): boolean => name.endsWith("-recheck");

describe("a host that does not seem to fit the others", () => {
  it("alone is looked at again, with what is in doubt: what it shares, and whom it has no route to", () => {
    expect([...product.commands.keys()].filter(isRecheck)).toEqual(["w2-recheck"]);
    const { DOUBTS = "" } = standardInput(product.command("w2-recheck")).parameters;
    const [first, ...others] = DOUBTS.trimEnd().split("\n");
    expect(first).toBe("machine-id 01 w1");
    expect(others.map((line) => line.replace(/[\d.]+/, "ADDRESS"))).toEqual(
      ["lb1", "cp1", "w1", "w3"].map((name) => `peer ADDRESS ${name}`),
    );
  });

  it("is looked at by the same program as before, of which nothing else has changed", () => {
    const { DOUBTS, ...first } = standardInput(product.command("w2-preflight")).parameters;
    expect(DOUBTS).toBe("");
    expect(standardInput(product.command("w2-recheck")).parameters).toMatchObject(first);
  });

  it("keeps the gate shut until then", () => {
    const gate = product.get("random:index/randomId:RandomId", "test-gate");
    expect(gate.dependencies).toContain(product.command("w2-recheck").urn);
  });
});

it("a virtual IP must have a route before anybody answers at it, and is not dialled", async () => {
  const two = await plan(stackFile({ controlPlanes: 1, balancers: 2, virtualIp: true }, agent));
  const of = (name: string) => standardInput(two.command(`${name}-preflight`)).parameters;
  expect(of("cp1")).toMatchObject({
    REACH: "",
    DOUBTS: expect.stringMatching(/^peer [\d.]+ the API's endpoint\n$/) as string,
  });
  expect(of("lb1")).toMatchObject({ REACH: "", DOUBTS: "" });
});
