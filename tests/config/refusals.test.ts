import type { SpecInput } from "../../config/spec";
import { hosts, stackFile } from "../support/stackFile";
import { problemsOf, withWorker } from "./problemLines";

describe("taints", () => {
  const taint = (key: string, effect: string, value = ""): object => ({ key, effect, value });

  it("have a key and an effect once, as kubectl wants it", () => {
    const one = taint("dedicated", "NoSchedule", "a");
    const taints = [taint("a", "NoExecute"), one, taint("dedicated", "NoSchedule", "b")];
    expect(problemsOf(withWorker({ taints }))).toEqual([
      "workers[0].taints[2]: dedicated:NoSchedule is taints[1] already; a Node has one taint of a key and an effect",
    ]);
    expect(problemsOf(withWorker({ taints: [one, one, one] }))).toHaveLength(2);
  });

  it("may share a key", () => {
    const taints = [taint("dedicated", "NoSchedule"), taint("dedicated", "NoExecute")];
    expect(problemsOf(withWorker({ taints }))).toEqual([]);
  });
});

describe("the mirror of apt's packages", () => {
  const problems = (suite?: string, components?: string[]): string[] => {
    const apt = {
      url: "http://10.0.0.9/apt",
      keyFile: "mirror.asc",
      ...(suite !== undefined && { suite }),
      ...(components !== undefined && { components }),
    };
    return problemsOf(stackFile({}, { mirror: { apt } }));
  };

  it.each([
    ["stable/", ["main"]],
    [undefined, ["main"]],
  ])("has no components in a flat suite: %s", (suite, components) => {
    expect(problems(suite, components)).toEqual([
      `mirror.apt.components: must be left out: the suite ${suite ?? "./"} ends in a slash, so it is a flat repository, which has none`,
    ]);
  });

  it.each([undefined, []])("has components in any other: %j", (components) => {
    expect(problems("bookworm", components)).toEqual([
      "mirror.apt.components: is missing: the suite bookworm has components, such as main; a flat repository's suite ends in a slash",
    ]);
  });

  it("may be of either kind", () => {
    for (const right of [problems(), problems("/"), problems("bookworm", ["main", "contrib"])]) {
      expect(right).toEqual([]);
    }
  });
});

describe("a version", () => {
  const told = "without a leading v or leading zeros";
  it.each(["1.037.2", "1.37.02", "01.37.2", "1.37.00"])("of Kubernetes is not %s", (version) => {
    expect(problemsOf(stackFile({}, { kubernetes: { version } }))).toEqual([
      `kubernetes.version: must be an exact version such as 1.37.2, ${told}`,
    ]);
  });

  it.each(["3.06.16", "3.6.016"])("of etcd is not %s", (version) => {
    const etcd = { topology: "external", hosts: hosts("etcd", 3, 30), version } as const;
    expect(problemsOf(stackFile({}, { etcd }))).toEqual([
      `etcd.version: must be an exact version such as 3.6.16, ${told}`,
    ]);
  });

  it("may have a zero", () => {
    expect(problemsOf(stackFile({}, { kubernetes: { version: "1.37.0" } }))).toEqual([]);
  });
});

describe("nginx's health port", () => {
  const balancer = (kind: "haproxy" | "nginx", port: number): SpecInput["loadBalancer"] => ({
    kind,
    hosts: hosts("lb", 1, 10),
    port,
  });

  it("is not the API's", () => {
    expect(problemsOf(stackFile({}, { loadBalancer: balancer("nginx", 8405) }))).toEqual([
      "loadBalancer.port: 8405 is where nginx itself answers health checks; choose another",
    ]);
    expect(problemsOf(stackFile({}, { loadBalancer: balancer("nginx", 8406) }))).toEqual([]);
  });
});

describe("the API server's arguments", () => {
  const told: unknown = expect.stringMatching(
    /^kubernetes.cluster.apiServer: anonymous-auth must stay on/,
  );
  const problems = (extraArgs: unknown): string[] =>
    problemsOf(
      stackFile({}, { kubernetes: { version: "1.37.2", cluster: { apiServer: { extraArgs } } } }),
    );

  it.each(["true", "True", "1", true])("may say that anonymous access is on: %j", (value) => {
    expect(problems({ "anonymous-auth": value })).toEqual([]);
    expect(problems([{ name: "anonymous-auth", value }])).toEqual([]);
  });

  it.each(["false", "0", "", "no", false, null])("may not say that it is off: %j", (value) => {
    expect(problems({ "anonymous-auth": value })).toEqual([told]);
    expect(
      problems([
        { name: "v", value: "2" },
        { name: "anonymous-auth", value },
      ]),
    ).toEqual([told]);
  });

  it.each([undefined, null, "x", [null, 5], {}])("may be anything else: %j", (extraArgs) => {
    expect(problems(extraArgs)).toEqual([]);
  });
});
