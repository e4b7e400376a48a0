/**
 * What the toolchain's programs say they are, without "v". A plugin must say exactly the version of its npm package in
 * package.json, or Pulumi looks for another one; what is built is as the go.mod files say.
 */
export const toolchainVersions = {
  /** The CLI, and the release whose language host ours behaves like. */
  pulumi: "3.259.0",
  random: "4.21.2",
  tls: "5.6.1",
  command: "1.2.1",
} as const;
