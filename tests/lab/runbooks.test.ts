import { describe, expect, test } from "@jest/globals";

import { decide, runbooks } from "../e2e/support/runbooks/decidedRunbooks";
import { decisions, type Decisions } from "../e2e/support/runbooks/runbooks";
import { asDocumented, onStack, shellBlocks, stackOf } from "../e2e/support/runbooks/shellBlocks";
import type { Origin } from "../e2e/support/suite/stackFile";

const document = (...lines: readonly string[]): string => ["# Guide", "", ...lines, ""].join("\n");
const block = (...lines: readonly string[]): string[] => ["```sh", ...lines, "```"];

describe("the runbooks of docs/operations.md", () => {
  test("are all decided about, and nothing else is", () => {
    // This fails where a command is added to the document, changed or taken away without a decision.
    expect(runbooks().length).toBeGreaterThan(30);
  });

  test("are mostly run, each on a stack that has a story for it", () => {
    const commands = runbooks().flatMap((one) => one.commands);
    const skipped = commands.filter(({ decision }) => "skipped" in decision);
    expect(skipped.length).toBeLessThan(commands.length / 10);
    const stacks = new Set(runbooks().map(({ stack }) => stack));
    expect([...stacks].sort()).toEqual(["dev", "external", "nginx"]);
  });

  test("are left out for a reason only", () => {
    for (const [, decision] of Object.values(decisions).flat()) {
      if ("skipped" in decision) expect(decision.skipped).toMatch(/^\w+ .{10,}/);
    }
  });

  test("that are typed into a shell on a host say nothing of this machine", () => {
    const inside = runbooks().filter(({ shell }) => shell.length > 0);
    expect([...new Set(inside.map(({ heading }) => heading))]).toEqual([
      "External etcd",
      "Snapshots",
      "No space left",
    ]);
    for (const { shell, commands, stack } of inside) {
      expect(stack).toBe("external");
      expect(shell.slice(0, 2)).toEqual(["npm run lab -- ssh --stack external etcd1", "sudo -i"]);
      for (const { text } of commands) expect(text).not.toContain("npm run lab");
    }
  });
});

describe("deciding", () => {
  const text = document(...block("one", "two # later"), "## More", ...block("three"));
  const decided: Decisions = {
    Guide: [
      ["one", {}],
      ["two", {}],
    ],
    More: [["three", {}]],
  };
  const decideOn = (markdown: string, list: Decisions, shells = {}): unknown =>
    decide(shellBlocks(markdown), list, shells);

  test("goes by heading and order", () => {
    expect(decideOn(text, decided)).toEqual([
      {
        ...{ heading: "Guide", line: 4, stack: "dev", shell: [] },
        commands: [
          { text: "one", decision: {} },
          { text: "two", decision: {} },
        ],
      },
      {
        ...{ heading: "More", line: 9, stack: "dev", shell: [] },
        commands: [{ text: "three", decision: {} }],
      },
    ]);
  });

  test.each<[string, string, Decisions, RegExp]>([
    [
      "a command that is new at an end",
      document(...block("one", "two", "new")),
      {
        Guide: [
          ["one", {}],
          ["two", {}],
        ],
      },
      /line 4, "Guide": nothing is decided about\nnew\nnext in the list is nothing/,
    ],
    [
      "a command that is new in between",
      document(...block("one", "new", "two")),
      {
        Guide: [
          ["one", {}],
          ["two", {}],
        ],
      },
      /nothing is decided about\nnew\nnext in the list is "two"/,
    ],
    ["a heading that is new", document("## New", ...block("one")), {}, /"New": nothing is decided/],
    [
      "a decision about what is no longer there",
      text,
      { ...decided, Gone: [["four", { skipped: "for a reason" }]] },
      /decided, but not in docs\/operations.md:\n"Gone": four/,
    ],
    [
      "a block about two stacks",
      document(...block("npm run lab -- ssh cp1 a", "npm run lab -- ssh --stack external cp1 b")),
      {
        Guide: [
          ["a", {}],
          ["b", {}],
        ],
      },
      /line 4: a block about several stacks/,
    ],
  ])("refuses %s", (_, markdown, list, message) => {
    expect(() => decideOn(markdown, list)).toThrow(message);
  });

  test("lets a function hold for later blocks below the same heading, and for no other", () => {
    const definition = ["f() {", "  npm run lab -- ssh cp1 x", "}"];
    const markdown = document(
      ...block(...definition, "f"),
      ...block("f two"),
      "## More",
      ...block("three"),
    );
    const list: Decisions = {
      Guide: [
        ["f() {", {}],
        ["f", {}],
        ["f two", {}],
      ],
      More: [["three", {}]],
    };
    const [first, ...others] = decide(shellBlocks(markdown), list, {});
    expect([first, ...others].map((one) => one?.functions)).toEqual([
      undefined,
      [definition.join("\n")],
      undefined,
    ]);
  });

  test("knows what is typed into a shell on a host, there and below another heading", () => {
    const markdown = document(
      ...block("npm run lab -- ssh --stack external etcd1", "sudo -i", "export A=b", "", "one"),
      "## More",
      ...block("two"),
    );
    const list: Decisions = {
      Guide: [
        ["ssh", {}],
        ["sudo", {}],
        ["export", {}],
        ["one", {}],
      ],
      More: [["two", {}]],
    };
    const shell = ["npm run lab -- ssh --stack external etcd1", "sudo -i", "export A=b"];
    expect(decideOn(markdown, list, { More: "Guide" })).toEqual([
      expect.objectContaining({
        stack: "external",
        shell,
        commands: [{ text: "one", decision: {} }],
      }),
      expect.objectContaining({
        stack: "external",
        shell,
        commands: [{ text: "two", decision: {} }],
      }),
    ]);
    expect(() => decideOn(markdown, list, { More: "Other" })).toThrow(
      'no block below "Other" opens a shell',
    );
  });
});

describe("the blocks of a document", () => {
  const commandsOf = (...lines: readonly string[]): readonly string[] =>
    shellBlocks(document(...block(...lines))).flatMap(({ commands }) => commands);

  test("are those of shell, wherever they stand", () => {
    const markdown = document(
      ...block("one"),
      ...["```yaml", "a: b", "```", "```", "what is printed", "```"],
      "## Second",
      ...block("two").map((line) => `   ${line}`),
    );
    expect(shellBlocks(markdown)).toEqual([
      { heading: "Guide", line: 4, commands: ["one"] },
      { heading: "Second", line: 14, commands: ["two"] },
    ]);
  });

  test.each([
    ["a line each", ["one", "", "# about two", "two a b"], ["one", "two a b"]],
    ["without comments", ["one   # it's so", "two '# no comment'"], ["one", "two '# no comment'"]],
    ["over lines that end in a backslash", ["one \\", "  a", "two"], ["one \\\n  a", "two"]],
    ["over lines in quotes", ["one 'a", "b' # c", "two"], ["one 'a\nb'", "two"]],
    [
      "over a loop",
      ["for a in b; do", "  one", "done", "two"],
      ["for a in b; do\n  one\ndone", "two"],
    ],
  ])("have their commands %s", (_, lines, commands) => {
    expect(commandsOf(...lines)).toEqual(commands);
  });

  test("have an end", () => {
    expect(() => commandsOf("one", "two 'a")).toThrow("line 5: this command has no end:\ntwo 'a");
    expect(() => commandsOf("one \\")).toThrow("has no end");
    expect(() => shellBlocks("```bash\none\n```")).toThrow('blocks of commands are "sh"');
  });
});

describe("a command on another stack", () => {
  const origin: Origin = {
    stack: "faults",
    from: "dev",
    network: ["198.18.0", "198.18.26"],
    ports: ["22", "26"],
  };

  test.each([
    ["npm run lab -- kubectl get nodes", "npm run lab -- kubectl --stack faults get nodes"],
    [
      "npm run lab -- power-off --stack external lb1",
      "npm run lab -- power-off --stack faults lb1",
    ],
    ["npm run lab -- up", "npm run lab -- up faults"],
    [
      "pulumi preview && pulumi up",
      "npm run lab -- pulumi --stack faults preview && npm run lab -- pulumi --stack faults up",
    ],
    [
      "(umask 077; pulumi stack output)",
      "(umask 077; npm run lab -- pulumi --stack faults stack output)",
    ],
    ["npm run lab -- pulumi destroy", "npm run lab -- pulumi --stack faults destroy"],
    [
      "npm run lab -- ssh cp2 curl 198.18.0.10",
      "npm run lab -- ssh --stack faults cp2 curl 198.18.26.10",
    ],
    ["etcdctl --endpoints 127.0.0.1", "etcdctl --endpoints 127.0.0.1"],
  ])("%s", (command, own) => {
    expect(onStack(command, origin)).toBe(own);
  });

  test("shows the document's addresses again", () => {
    expect(asDocumented("https://198.18.26.10:6443", origin)).toBe("https://198.18.0.10:6443");
  });

  test("is about the one that it names", () => {
    expect(stackOf("npm run lab -- kubectl get nodes")).toBe("dev");
    expect(stackOf("npm run lab -- ssh --stack nginx lb true")).toBe("nginx");
    expect(() => stackOf("npm run lab -- stop a && npm run lab -- stop --stack nginx b")).toThrow(
      "about several stacks",
    );
  });
});
