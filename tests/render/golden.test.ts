import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { goldenFolder } from "../support/golden";

it("every folder of goldens belongs to a test", () => {
  const orphans = readdirSync(goldenFolder).filter(
    (subject) => !existsSync(join(__dirname, `${subject}.test.ts`)),
  );
  expect(orphans).toEqual([]);
});
