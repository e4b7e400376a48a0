import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { homeOfUser, homeWithPlugins } from "../../lab/toolchain/home";
import { installedPulumi } from "../../lab/toolchain/installed";
import { toolchainVersions } from "../../lab/toolchain/versions";

let directory: string;
const at = (...names: string[]): string => path.join(directory, ...names);

beforeEach(() => (directory = realpathSync(mkdtempSync(path.join(tmpdir(), "kha-toolchain-")))));
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** Writes a file, with the folders above it. */
function write(name: string, content: string, mode = 0o644): string {
  mkdirSync(path.dirname(at(name)), { recursive: true });
  writeFileSync(at(name), content);
  chmodSync(at(name), mode);
  return at(name);
}

test("the plugins say the versions of the npm packages, or Pulumi would look for others", () => {
  const text = readFileSync(path.join(__dirname, "../../package.json"), "utf8");
  const { dependencies } = JSON.parse(text) as { dependencies: Record<string, string> };
  for (const name of ["random", "tls", "command"] as const) {
    expect(`${name} ${toolchainVersions[name]}`).toBe(`${name} ${dependencies[`@pulumi/${name}`]}`);
  }
});

test("the CLI is built in the version it says it is", () => {
  const module = readFileSync(
    path.join(__dirname, "../../lab/toolchain/pulumi-cli/go.mod"),
    "utf8",
  );
  expect(module).toContain(`github.com/pulumi/pulumi/pkg/v3 v${toolchainVersions.pulumi} `);
});

describe("an installed Pulumi", () => {
  const binary = "\x7fELF";

  test("is one with a language host of its own beside it", () => {
    const program = write("official/pulumi", binary, 0o755);
    write("official/pulumi-language-nodejs", binary, 0o755);
    expect(installedPulumi(`${at("empty")}:${at("official")}`)).toBe(program);
  });
  test("may be a link to where it is installed", () => {
    write("opt/pulumi", binary, 0o755);
    write("opt/pulumi-language-nodejs", binary, 0o755);
    mkdirSync(at("bin"));
    symlinkSync(at("opt/pulumi"), at("bin/pulumi"));
    expect(installedPulumi(at("bin"))).toBe(at("bin/pulumi"));
  });
  test("is not the lab's own, whose language host is a script", () => {
    write("ours/pulumi", binary, 0o755);
    write("ours/pulumi-language-nodejs", "#!/usr/bin/env node\n", 0o755);
    expect(installedPulumi(at("ours"))).toBeUndefined();
  });
  test("is not a CLI alone, nor what cannot be run, nor a relative path", () => {
    write("alone/pulumi", binary, 0o755);
    write("data/pulumi", binary);
    write("data/pulumi-language-nodejs", binary, 0o755);
    expect(installedPulumi(`${at("alone")}:${at("data")}:.:`)).toBeUndefined();
  });
});

describe("PULUMI_HOME", () => {
  const program = "plugins/resource-tls-v5.6.1/pulumi-resource-tls";

  test("has a true folder for each plugin, with a link to its program", () => {
    write(`cache/${program}`, "tls");
    homeWithPlugins(at("home"), at("cache/plugins"));
    expect(lstatSync(at("home", path.dirname(program))).isDirectory()).toBe(true);
    expect(readFileSync(at("home", program), "utf8")).toBe("tls");
  });
  test("follows the toolchain, and keeps Pulumi's notes on plugins that are still there", () => {
    write(`old/${program}`, "old");
    write("old/plugins/resource-tls-v5.6.0/pulumi-resource-tls", "older");
    homeWithPlugins(at("home"), at("old/plugins"));
    write("home/plugins/resource-tls-v5.6.1.lastused", "");
    write("home/plugins/resource-tls-v5.6.0.lastused", "");
    write("home/credentials.json", "{}");

    write(`new/${program}`, "new");
    homeWithPlugins(at("home"), at("new/plugins"));
    expect(readFileSync(at("home", program), "utf8")).toBe("new");
    expect(readdirSync(at("home/plugins"))).toEqual([
      "resource-tls-v5.6.1",
      "resource-tls-v5.6.1.lastused",
    ]);
    expect(readdirSync(at("home"))).toContain("credentials.json");
    expect(readdirSync(at("old/plugins"))).toHaveLength(2);
  });
  test("beside an installed Pulumi takes the user's plugins, and only those", () => {
    write("user/plugins/resource-aws-v6.0.0/pulumi-resource-aws", "aws");
    write("user/credentials.json", "{}");
    write(`cache/${program}`, "tls");
    homeWithPlugins(at("home"), at("cache/plugins"));

    homeOfUser(at("home"), at("user"));
    expect(readdirSync(at("home/plugins"))).toEqual(["resource-aws-v6.0.0"]);
    expect(readdirSync(at("home"))).toEqual(["plugins"]);
    expect(readFileSync(at("cache", program), "utf8")).toBe("tls");

    homeWithPlugins(at("home"), at("cache/plugins"));
    expect(readdirSync(at("home/plugins"))).toEqual(["resource-tls-v5.6.1"]);
    expect(readdirSync(at("user/plugins"))).toEqual(["resource-aws-v6.0.0"]);
  });
  test("is left as it is where it is the user's already", () => {
    write(`cache/${program}`, "tls");
    homeWithPlugins(at("home"), at("cache/plugins"));
    homeOfUser(at("home"), at("home"));
    expect(readFileSync(at("home", program), "utf8")).toBe("tls");
  });
});
