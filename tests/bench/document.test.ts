import { sectionsOf } from "../../bench/document";

describe("docs/performance.md", () => {
  it("keeps the sections of parts that are not run anew", () => {
    const text =
      "# Performance\n\nwords\n\n<!-- part: bringup -->\n\n## A\n\ntext\n\n<!-- part: gaps -->\n\n## E\n";
    expect(sectionsOf(text)).toEqual([
      ["bringup", "<!-- part: bringup -->\n\n## A\n\ntext\n"],
      ["gaps", "<!-- part: gaps -->\n\n## E\n"],
    ]);
    expect(sectionsOf("")).toEqual([]);
  });
});
