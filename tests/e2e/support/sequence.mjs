import TestSequencer from "@jest/test-sequencer";

/** The order that needs the fewest bring-ups: the story that makes the cluster first, the one that destroys it last. */
const order = ["bringUp", "noChange", "podNetwork", "seed", "addWorker", "replaceHost", "destroy"];

/** Stories run in the order of their making sense; one that is not named here runs before the destroying ones. */
export default class extends TestSequencer {
  sort(tests) {
    const place = ({ path }) => {
      const found = order.findIndex((name) => path.endsWith(`/${name}.e2e.ts`));
      return found < 0 ? order.length - 1.5 : found;
    };
    return [...tests].sort((a, b) => place(a) - place(b) || a.path.localeCompare(b.path));
  }
}
