import fc from "fast-check";

import type { SpecInput } from "../../config/spec";
import { plan, stepOf, type Plan } from "../support/product";
import type { Registration } from "../support/registrations";
import { agent, hosts, stackFile, type Shape } from "../support/stackFile";

const common = {
  workers: fc.integer({ min: 0, max: 20 }),
  balancers: fc.integer({ min: 1, max: 3 }),
  kind: fc.constantFrom("haproxy" as const, "nginx" as const),
  virtualIp: fc.boolean(),
};
const anyShape: fc.Arbitrary<Shape> = fc.oneof(
  fc.record({ ...common, controlPlanes: fc.constantFrom(1, 3, 5, 7), etcd: fc.constant(0) }),
  fc.record({
    ...common,
    controlPlanes: fc.integer({ min: 1, max: 7 }),
    etcd: fc.constantFrom(3, 5, 7),
  }),
);

/** All combinations of topology and balancer: one of them, two with a virtual IP, two behind a name. */
const matrix: readonly Shape[] = [0, 3].flatMap((etcd) =>
  (["haproxy", "nginx"] as const).flatMap((kind) => [
    { controlPlanes: 1, workers: 0, balancers: 1, kind, virtualIp: false, etcd },
    { controlPlanes: 3, workers: 2, balancers: 2, kind, virtualIp: true, etcd },
    { controlPlanes: 1, workers: 1, balancers: 2, kind, virtualIp: false, etcd },
  ]),
);

/** The matrix, the largest cluster, and others that are drawn anew in each run: their names say which. */
const shapes: readonly Shape[] = [
  ...matrix,
  { controlPlanes: 7, workers: 20, balancers: 3, kind: "haproxy", virtualIp: true, etcd: 7 },
  ...fc.sample(anyShape, 3),
];

const plans = new Map<string, Promise<Plan>>();
/** What the product registers for a shape; planned once. */
function planned(shape: Shape): Promise<Plan> {
  const key = JSON.stringify(shape);
  const known = plans.get(key) ?? plan(stackFile(shape, agent));
  plans.set(key, known);
  return known;
}

/** Every resource's inputs by its URN: what the engine compares with its state. */
function inputsOf({ resources }: Plan): Map<string, string> {
  return new Map(resources.map(({ urn, inputs }) => [urn, JSON.stringify(inputs)]));
}

/** Names of the resources that are new, gone, or have other inputs. */
function difference(before: Plan, after: Plan): string[] {
  const [was, is] = [inputsOf(before), inputsOf(after)];
  const urns = new Set([...was.keys(), ...is.keys()]);
  const named = (urn: string): string => urn.split("::").at(-1) ?? "";
  return [...urns]
    .filter((urn) => was.get(urn) !== is.get(urn))
    .map(named)
    .sort();
}

/** Whether the edges and parents lead round in a circle somewhere. */
function circle(resources: readonly Registration[]): string | undefined {
  const edges = new Map(
    resources.map((r) => [r.urn, [...r.dependencies, r.parent].filter(Boolean)]),
  );
  const done = new Set<string>();
  const visit = (urn: string, above: readonly string[]): string | undefined => {
    if (above.includes(urn)) return [...above, urn].join(" → ");
    if (done.has(urn)) return undefined;
    for (const next of edges.get(urn) ?? []) {
      const found = visit(next, [...above, urn]);
      if (found !== undefined) return found;
    }
    done.add(urn);
    return undefined;
  };
  return resources.map(({ urn }) => visit(urn, [])).find((found) => found !== undefined);
}

/** The names of all Commands that one waits for, directly or not. */
function allBefore(product: Plan, name: string): Set<string> {
  const found = new Set<string>();
  const visit = (one: string): void => {
    for (const next of product.commands.has(one) ? product.edges(one) : gated(product)) {
      if (!found.has(next)) {
        found.add(next);
        visit(next);
      }
    }
  };
  visit(name);
  return found;
}

function namesOf(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}${i + 1}`);
}

/** What the gate waits for. */
function gated(product: Plan): string[] {
  return [...product.commands.keys()].filter((name) => name.endsWith("-preflight"));
}

describe.each(shapes)("a cluster of %j", (shape) => {
  let product: Plan;
  beforeAll(async () => {
    product = await planned(shape);
  });

  it("has a graph without a circle that leads only to what there is, and no name twice", () => {
    const urns = new Set(product.resources.map(({ urn }) => urn));
    expect(urns.size).toBe(product.resources.length);
    for (const { dependencies } of product.resources) {
      expect(dependencies.filter((urn) => !urns.has(urn))).toEqual([]);
    }
    expect(circle(product.resources)).toBeUndefined();
  });

  it("is founded once, after every host is found fit and every balancer is configured", () => {
    const founding = (step: string): string[] =>
      [...product.commands.values()]
        .filter((command) => stepOf(command) === step)
        .map(({ name }) => name);
    expect(founding("found")).toEqual(["test-found"]);
    expect(founding("found-etcd")).toEqual(shape.etcd === 0 ? [] : ["etcd-found"]);
    const before = allBefore(product, "test-found");
    for (const name of gated(product)) expect(before).toContain(name);
    for (const name of namesOf("lb", shape.balancers))
      expect(before).toContain(`${name}-configure`);
    expect(before).toContain("cp1-trust");
    expect([...before].filter((name) => /^(cp|w)\d+-join$|^w\d+-prepare$/.test(name))).toEqual([]);
    // A cluster is founded on an external etcd that is whole.
    for (const name of namesOf("etcd", shape.etcd)) expect(before).toContain(`${name}-join`);
  });

  it("has an external etcd that is founded and joined in turn, beside the control planes' preparation", () => {
    namesOf("etcd", shape.etcd).forEach((name, i) => {
      const previous = i === 0 ? "etcd-admit" : `etcd${i}-join`;
      expect(product.edges(`${name}-join`)).toEqual([previous, `${name}-trust`].sort());
      const before = allBefore(product, `${name}-join`);
      expect(before).toContain("etcd-found");
      expect([...before].filter((one) => /^(cp|w|lb)\d+-(prepare|trust)$/.test(one))).toEqual([]);
    });
  });

  it("is joined by all nodes in parallel, all of them admitted", () => {
    for (const name of [...namesOf("cp", shape.controlPlanes), ...namesOf("w", shape.workers)]) {
      expect(product.edges(`${name}-join`)).toEqual([`${name}-trust`, "test-admit"].sort());
    }
    const joins = product.edges("test-roster").filter((edge) => edge.endsWith("-join"));
    expect(joins).toHaveLength(shape.controlPlanes + shape.workers);
  });

  it("has its control planes' settings changed one after the other, before an etcd member leaves", () => {
    if (shape.etcd === 0) return;
    namesOf("cp", shape.controlPlanes).forEach((name, i) => {
      const before = [
        "etcd-admit",
        ...namesOf("etcd", shape.etcd).map((one) => `${one}-join`),
        `${name}-join`,
        ...(i === 0 ? [] : [`cp${i}-version`]),
      ];
      expect(product.edges(`${name}-version`)).toEqual(before.sort());
      expect(product.edges("etcd-roster")).toContain(`${name}-version`);
    });
    expect(product.edges("test-verify")).toContain("etcd-roster");
  });

  it("has its balancers configured one after the other", () => {
    namesOf("lb", shape.balancers).forEach((name, i) => {
      expect(product.edges(`${name}-configure`)).toEqual(
        i === 0 ? [`${name}-prepare`] : [`lb${i}-configure`, `${name}-prepare`],
      );
    });
  });

  it("has its hosts prepared in parallel: none waits for another's work", () => {
    for (const name of product.commands.keys()) {
      const [host, step] = [name.replace(/-[a-z]+$/, ""), name.split("-").at(-1) ?? ""];
      if (!["prepare", "trust"].includes(step)) continue;
      const others = [...allBefore(product, name)].filter((one) => !one.startsWith(`${host}-`));
      expect(others.filter((one) => !/-preflight$|-gate$/.test(one))).toEqual([]);
    }
  });

  it("gets a worker more by touching that worker, admit, roster and verify", async () => {
    const after = await planned({ ...shape, workers: shape.workers + 1 });
    const added = `w${shape.workers + 1}`;
    const own = ["preflight", "teardown", "prepare", "trust", "join"].map(
      (step) => `${added}-${step}`,
    );
    // The worker's two components are Host and WorkerNode.
    const expected = [added, added, ...own, "test-admit", "test-roster", "test-verify"];
    expect(difference(product, after)).toEqual(expected.sort());
  });

  it("gets two control planes more by touching the balancers too, but no other node", async () => {
    const count = shape.controlPlanes;
    // From seven on there are none to add: then it is what taking two away touches.
    const other = await planned({ ...shape, controlPlanes: count < 6 ? count + 2 : count - 2 });
    const more = Math.max(count, count < 6 ? count + 2 : 0);
    const own = new RegExp(`^cp(${more}|${more - 1})(-|$)`);
    const balancers = namesOf("lb", shape.balancers).flatMap((name) => [
      `${name}-configure`,
      `${name}-verify`,
    ]);
    expect(difference(product, other).filter((name) => !own.test(name))).toEqual(
      [...balancers, ...["test-admit", "test-roster", "test-verify"]].sort(),
    );
  });

  it("gets two etcd members more by touching etcd and the API servers' list of it, but no other host", async () => {
    if (shape.etcd === 0) return;
    const count = shape.etcd;
    const other = await planned({ ...shape, etcd: count < 6 ? count + 2 : count - 2 });
    const more = Math.max(count, count < 6 ? count + 2 : 0);
    const own = new RegExp(`^(test-etcd-)?etcd(${more}|${more - 1})(-|$)`);
    const frozen = ["etcd-found", "test-found"];
    const expected = [
      ...namesOf("etcd", more - 2).map((name) => `${name}-join`),
      ...namesOf("cp", shape.controlPlanes).map((name) => `${name}-version`),
      ...["etcd-admit", "etcd-roster"],
    ];
    expect(
      difference(product, other).filter((name) => !own.test(name) && !frozen.includes(name)),
    ).toEqual(expected.sort());
    for (const name of frozen) {
      expect(product.command(name).options.ignoreChanges).toEqual(["*"]);
    }
  });

  it("keeps every name, and every worker as it is, when the workers are put in another order", async () => {
    const file = stackFile(shape, agent);
    const after = await plan({ ...file, workers: [...(file.workers ?? [])].reverse() });
    const urns = ({ resources }: Plan): string[] => resources.map(({ urn }) => urn).sort();
    expect(urns(after)).toEqual(urns(product));
    const changed = difference(product, after);
    expect(changed.filter((name) => !/^test-(admit|roster|verify)$/.test(name))).toEqual([]);
  });
});

it("another name in /etc/hosts reaches every host, as it must", async () => {
  const network = { hostsEntries: true };
  const before = await plan(stackFile({ workers: 1 }, { ...agent, network }));
  const after = await plan(stackFile({ workers: 2 }, { ...agent, network }));
  expect(difference(before, after)).toEqual(
    expect.arrayContaining(["lb1-prepare", "cp1-prepare", "w1-prepare"]),
  );
});

describe("names", () => {
  it("derive from the host's name, not from its place", async () => {
    const workers: SpecInput["workers"] = hosts("w", 3, 100);
    const before = await plan(stackFile({}, { ...agent, workers }));
    const after = await plan(stackFile({}, { ...agent, workers: workers.slice(1) }));
    const gone = difference(before, after).filter((name) => !name.startsWith("test-"));
    expect([...new Set(gone.map((name) => name.split("-")[0]))]).toEqual(["w1"]);
  });
});
