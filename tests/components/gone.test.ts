import { plan, standardInput, type Plan } from "../support/product";
import { agent, hosts, stackFile } from "../support/stackFile";

/** Three control planes, two workers, three etcd hosts; the first of each kind is gone for ever where that is so. */
function stack(isGone: boolean): Promise<Plan> {
  const first = <T extends object>(entries: readonly T[]): T[] =>
    entries.map((entry, i) => (isGone && i === 0 ? { ...entry, gone: true } : entry));
  return plan(
    stackFile(
      {},
      {
        ...agent,
        controlPlanes: first(hosts("cp", 3, 20)),
        workers: first(hosts("w", 2, 100)),
        etcd: {
          topology: "external",
          hosts: first(hosts("etcd", 3, 30)),
          checksumsFile: "tests/support/etcd-SHA256SUMS",
        },
      },
    ),
  );
}

let before: Plan;
let after: Plan;
beforeAll(async () => {
  before = await stack(false);
  after = await stack(true);
});
const gone = ["cp1", "w1", "etcd1"];

describe("a machine that is gone for ever", () => {
  it.each(gone)("%s: has its teardown only, which is forgotten instead of run", (name) => {
    const own = [...after.commands.keys()].filter((command) => command.startsWith(`${name}-`));
    expect(own).toEqual([`${name}-teardown`]);
    const teardown = after.command(`${name}-teardown`);
    expect(teardown.options.retainOnDelete).toBe(true);
    // Nothing but the option changes: that needs no connection.
    expect(teardown.urn).toBe(before.command(`${name}-teardown`).urn);
    expect(teardown.inputs).toEqual(before.command(`${name}-teardown`).inputs);
    expect(before.command(`${name}-teardown`).options.retainOnDelete).toBe(false);
  });

  it("is nobody's founder: steps for the whole cluster run on the first that is left", () => {
    const host = (name: string): unknown =>
      standardInput(after.command(name)).parameters["HOST_NAME"];
    for (const step of ["admit", "roster", "verify"]) expect(host(`test-${step}`)).toBe("cp2");
    for (const step of ["admit", "roster"]) expect(host(`etcd-${step}`)).toBe("etcd2");
  });

  it("is a stranger: nobody wants it as a member, a backend or an endpoint", () => {
    for (const name of [
      "test-admit",
      "test-roster",
      "etcd-roster",
      "etcd-admit",
      "lb1-configure",
    ]) {
      const text = JSON.stringify(standardInput(after.command(name)).parameters);
      expect([name, /\b(cp1|w1|etcd1)\b/.exec(text)]).toEqual([name, null]);
    }
    expect(after.outputs.etcdEndpoints).toEqual([
      "https://192.168.1.32:2379",
      "https://192.168.1.33:2379",
    ]);
  });

  it("holds up no gate", () => {
    const gate = after.get("random:index/randomId:RandomId", "test-gate");
    expect(gate.dependencies.filter((urn) => /\b(cp1|w1|etcd1)-/.test(urn))).toEqual([]);
  });
});
