import { execFileSync } from "node:child_process";

import fc from "fast-check";

import { assignments, shellQuote } from "../../components/render/shell";
import { testGoldens } from "../support/golden";

testGoldens("shell", {
  "assignments.sh": () =>
    assignments({
      NAME: "cp1",
      EMPTY: "",
      QUOTED: 'it\'s $HOME, "so" `there` \\',
      LINES: "first: 1\n  second: |\n    #!text\n",
    }),
});

const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: fc.constantFrom("'", '"', "\\", "$", "`", "!", "\n", " ", "a", "\r", "\t") }),
);
const word = text.map((value) => value.replaceAll("\0", ""));

/** Feeds bash a program on standard input, as a Command does. */
function bash(program: string): Buffer {
  return execFileSync("bash", ["-s"], { input: program, env: { PATH: process.env["PATH"] ?? "" } });
}

describe("quoting", () => {
  it("gives real bash the very text, whatever it is", () => {
    // Many words for each bash: a process costs more than what it checks.
    fc.assert(
      fc.property(fc.array(word, { minLength: 40, maxLength: 40 }), (words) => {
        const output = bash(`printf '%s\\0' ${words.map(shellQuote).join(" ")}`);
        expect(output.toString("utf8").split("\0").slice(0, -1)).toEqual(words.map(asUtf8));
      }),
      { numRuns: 25 },
    );
  });

  it("gives real bash the very parameters, each as a variable", () => {
    const names = ["HOST_NAME", "KUBEADM_CONFIG", "EMPTY", "LAST"];
    fc.assert(
      fc.property(fc.tuple(word, word, word, word), (values) => {
        const parameters = Object.fromEntries(names.map((name, i) => [name, values[i] ?? ""]));
        const print = names.map((name) => `printf '%s\\0' "$${name}"`).join("\n");
        const output = bash(`set -euo pipefail\n${assignments(parameters)}${print}\n`);
        expect(output.toString("utf8").split("\0").slice(0, -1)).toEqual(values.map(asUtf8));
      }),
      { numRuns: 40 },
    );
  });

  it("refuses what cannot be in a word", () => {
    expect(() => shellQuote("a\0b")).toThrow("NUL");
  });
});

/** Half of a surrogate pair cannot be written as UTF-8: it becomes the replacement character. */
function asUtf8(value: string): string {
  return Buffer.from(value, "utf8").toString("utf8");
}
