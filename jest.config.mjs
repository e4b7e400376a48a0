/**
 * The test layers that need no hosts. `unit` takes seconds; `judges` shows what the product writes to the very programs
 * that will read it on a host, and therefore builds them first. The stories on real hosts: jest.e2e.config.mjs.
 */
export const common = {
  rootDir: import.meta.dirname,
  // Others' folders below the root hold caches and state, which nobody has to look through.
  roots: ["<rootDir>/tests"],
  testEnvironment: "node",
  transform: {
    "\\.ts$": [
      "@swc/jest",
      { jsc: { parser: { syntax: "typescript" }, target: "es2022" }, module: { type: "commonjs" } },
    ],
  },
};

export default {
  // Jest would leave a core free, which on two cores is half of the machine.
  maxWorkers: "100%",
  projects: [
    {
      ...common,
      displayName: "unit",
      testMatch: ["<rootDir>/tests/{config,render,components,scripts,lab,bench}/**/*.test.ts"],
    },
    { ...common, displayName: "judges", testMatch: ["<rootDir>/tests/judges/**/*.judge.ts"] },
  ],
};
