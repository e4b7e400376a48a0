// `npm run bench`: makes sure that Node.js and the npm packages are right, with nothing but Node.js itself, and hands over to
// run.ts.
import { createRequire } from "node:module";
import path from "node:path";

import { checkNode, ensurePackages, root } from "../lab/npm.mjs";

checkNode();
ensurePackages();
const { register } = await import("tsx/cjs/api");
register();
createRequire(import.meta.url)(path.join(root, "bench", "run.ts"));
