import { common } from "./jest.config.mjs";

/** Stories on the lab's hosts: one after the other, because they share the hosts and the machine. */
export default {
  ...common,
  testMatch: ["<rootDir>/tests/e2e/**/*.e2e.ts"],
  maxWorkers: 1,
  testSequencer: "<rootDir>/tests/e2e/support/suite/sequence.mjs",
  globalTeardown: "<rootDir>/tests/e2e/support/suite/removeHosts.ts",
  // A story bounds its own steps; this bounds what forgets to.
  testTimeout: 30 * 60 * 1000,
  verbose: true,
};
