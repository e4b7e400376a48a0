import { execFileSync } from "node:child_process";

import { condensed } from "../../components/remote/condensed";

/** The same for scripts that bash reads as the same. */
const meaning = (script: string): string =>
  execFileSync("shfmt", ["-ln", "bash", "-mn"], { input: script, encoding: "utf8" });

describe("a script without what only readers need", () => {
  it("has neither comments, nor blank lines, nor indentation", () => {
    const script = "#!/bin/bash\n# why\n\nf() {\n  # what\n  x=1 # it's \"one\n  y=2\n}\n";
    expect(condensed(script)).toBe("#!/bin/bash\nf() {\nx=1 # it's \"one\ny=2\n}\n");
  });

  it.each([
    ["single quotes", "  awk '\n    # a comment of awk\n\n    { print }'\n  next\n"],
    ["double quotes", '  say "one\n\n    # two \\" \'\n    three"\n  next\n'],
    ["quotes of C", "  say $'it\\'s\n    so'\n  next\n"],
    ["a here-document", "  cat <<END\n    # text\n\nEND\n  next\n"],
    ["quotes around a command", '  say "$(\n  sed \'s/"/ /\' <<<"$(f "a")"\n  )\n    b"\n  next\n'],
  ])("keeps what stands in %s", (_, script) => {
    const short = condensed(script);
    expect(meaning(short)).toBe(meaning(script));
    expect(short).toMatch(/\nnext\n$/);
  });

  it("would be found out if it took away what counts", () => {
    expect(meaning('say "a\n  b"')).not.toBe(meaning('say "a\nb"'));
  });
});
