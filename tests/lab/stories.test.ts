import { readdirSync } from "node:fs";
import path from "node:path";

import { describe, expect, test } from "@jest/globals";

import { hostEntry, moved, type Origin } from "../e2e/support/suite/stackFile";
import { chosenStories, patternsOf, stories } from "../stories";

const folder = path.join(__dirname, "..", "e2e");
const names = (wanted: { names?: string[]; all?: boolean }): string[] =>
  chosenStories({ names: [], all: false, ...wanted }).map(({ story }) => story);

describe("the list of e2e stories", () => {
  test("has every story, once", () => {
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".e2e.ts"))
      .map((file) => file.replace(/\.e2e\.ts$/, ""));
    expect(stories.map(({ story }) => story).sort()).toEqual(files.sort());
  });

  test("keeps the stories of one stack together", () => {
    const folders = stories.map(({ story }) => path.dirname(story));
    const changes = folders.filter((name, i) => name !== folders[i - 1]);
    expect(changes).toEqual([...new Set(folders)]);
  });

  test("without a name means CI's part, or all", () => {
    expect(names({ all: true })).toHaveLength(stories.length);
    const part = names({});
    expect(part).toContain("external/faults");
    expect(part).not.toContain("matrix/combinations");
  });

  test("a story's name is enough, with its folder or without, and a folder's means all in it", () => {
    expect(names({ names: ["noChange"] })).toEqual(["stacked/noChange"]);
    expect(names({ names: ["external/bringUp"] })).toEqual(["external/bringUp"]);
    expect(names({ names: ["bringUp"] })).toHaveLength(3);
    expect(names({ names: ["matrix"] })).toEqual(["matrix/combinations", "matrix/existing"]);
    expect(() => names({ names: ["nothing"] })).toThrow("nothing is no story");
  });

  test("becomes patterns that match one file each", () => {
    const [pattern = ""] = patternsOf(chosenStories({ names: ["stacked/seed"], all: false }));
    expect("/a/tests/e2e/stacked/seed.e2e.ts").toMatch(new RegExp(pattern));
    expect("/a/tests/e2e/stacked/seed2.e2e.ts").not.toMatch(new RegExp(pattern));
  });
});

describe("the stories' copy of a stack file", () => {
  const origin: Origin = {
    stack: "e2e-x",
    from: "x",
    network: ["198.18.2", "198.18.12"],
    ports: ["24", "34"],
  };

  test("has addresses, ports and keys of its own, and the lab's mirror", () => {
    const text = [
      "config:",
      "  a: { address: 198.18.2.11, ssh: { host: 127.0.0.1, port: 2411 } }",
      "  b: { privateKeyFile: .lab/x/id_ed25519, port: 24, url: http://198.18.255.2/apt, other: 198.18.21.3 }",
    ].join("\n");
    expect(moved(text, origin).config).toEqual({
      a: { address: "198.18.12.11", ssh: { host: "127.0.0.1", port: 3411 } },
      b: {
        privateKeyFile: ".lab/e2e-x/id_ed25519",
        port: 24,
        url: "http://198.18.255.2/apt",
        other: "198.18.21.3",
      },
    });
  });

  test("takes further hosts", () => {
    expect(hostEntry(origin, "lb3", 9)).toEqual({
      name: "lb3",
      address: "198.18.12.9",
      ssh: { host: "127.0.0.1", port: 3409 },
    });
  });
});
