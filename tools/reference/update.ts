import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { documents } from "./documents";

for (const [path, text] of documents()) {
  writeFileSync(join(__dirname, "..", "..", path), text);
  process.stdout.write(`${path}\n`);
}
