import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Where goldens lie, one folder for each test file of tests/render. */
export const goldenFolder = join(__dirname, "..", "render", "golden");

const update = process.env["UPDATE_GOLDEN"] === "1";

/**
 * Tests that texts are what their files in `golden/<subject>/` say, and that the folder has no other file.
 *
 * `npm run test:golden:update` writes the files anew: look at their diff as at code.
 *
 * @param texts by file name, whose extension says what the text is.
 */
export function testGoldens(subject: string, texts: Readonly<Record<string, () => string>>): void {
  const folder = join(goldenFolder, subject);
  if (update && process.env["CI"] === "true") {
    throw new Error(
      "goldens are not updated where CI=true: there they are what is checked against",
    );
  }
  describe(`golden/${subject}`, () => {
    test.each(Object.keys(texts))("%s", (name) => {
      const text = texts[name]?.() ?? "";
      const file = join(folder, name);
      if (update) {
        mkdirSync(folder, { recursive: true });
        writeFileSync(file, text);
      }
      expect(text).toBe(existsSync(file) ? readFileSync(file, "utf8") : undefined);
      expect(text).toMatch(/[^\n]\n$/);
    });

    test("has no unused file", () => {
      const unused = readdirSync(folder).filter((name) => !(name in texts));
      if (update) for (const name of unused) rmSync(join(folder, name));
      expect(update ? [] : unused).toEqual([]);
    });
  });
}

/** A golden's text, for those who judge it. */
export function golden(subject: string, name: string): string {
  return readFileSync(join(goldenFolder, subject, name), "utf8");
}

/** The names of a subject's goldens. */
export function goldenNames(subject: string): string[] {
  return readdirSync(join(goldenFolder, subject)).sort();
}
