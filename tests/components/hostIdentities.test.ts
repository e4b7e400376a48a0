import { clashes } from "../../components/hostIdentities";

const look = (name: string, id: string, hostname = name) => ({
  name,
  printed: `machine-id ${id}\nproduct_uuid ${id}0\nhostname ${hostname}`,
});

it("no host is in the way of one that is another machine", () => {
  expect(clashes([look("cp1", "a"), look("cp2", "b")]).size).toBe(0);
});

it("the first of several clones keeps what it has, the others are told of it", () => {
  const found = clashes([look("cp1", "a"), look("w1", "a"), look("w2", "b"), look("w3", "a")]);
  expect([...found]).toEqual([
    ["w1", "machine-id a cp1\nproduct_uuid a0 cp1\n"],
    ["w3", "machine-id a cp1\nproduct_uuid a0 cp1\n"],
  ]);
});

it("the same value of different kinds is no clash, nor is what no preflight prints", () => {
  const odd = (name: string) => ({ name, printed: "hostname $(id)\nsomething else\n\nhostname" });
  expect(clashes([odd("cp1"), odd("cp2"), look("w1", "w2"), look("w2", "x")]).size).toBe(0);
});
