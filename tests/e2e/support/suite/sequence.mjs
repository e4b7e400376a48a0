import { readFileSync } from "node:fs";

import TestSequencer from "@jest/test-sequencer";

/** The order of stories.json needs the fewest bring-ups: the story that makes a cluster first, the one that ends it last. */
const stories = JSON.parse(readFileSync(new URL("../../stories.json", import.meta.url), "utf8"));

/** Stories run in the order of their making sense, and those of one stack together. */
export default class extends TestSequencer {
  sort(tests) {
    const place = ({ path }) =>
      stories.findIndex(({ story }) => path.endsWith(`/tests/e2e/${story}.e2e.ts`));
    return [...tests].sort((a, b) => place(a) - place(b));
  }
}
