"use strict";
/** Which packages a program has, and for which of them the CLI has to have a plugin. */
const fs = require("node:fs");
const path = require("node:path");

const { readProgram } = require("./program.js");
const { grpc, language, plugin } = require("./stubs.js");

/** The package.json of each package in a node_modules directory and in those within it. */
function* manifestsIn(nodeModules, seen) {
  const directory = realPath(nodeModules);
  if (directory === undefined || seen.has(directory)) return;
  seen.add(directory);
  for (const name of entriesOf(directory)) {
    if (name.startsWith(".")) continue;
    const place = path.join(directory, name);
    const packages = name.startsWith("@")
      ? entriesOf(place).map((scoped) => path.join(place, scoped))
      : [place];
    for (const one of packages) {
      const manifest = readJson(path.join(one, "package.json"));
      if (manifest === undefined) continue;
      yield manifest;
      yield* manifestsIn(path.join(one, "node_modules"), seen);
    }
  }
}

/** All that Node.js could resolve from a directory: its own node_modules, then each parent's. */
function* manifestsFor(directory) {
  const seen = new Set();
  for (let at = path.resolve(directory); ; at = path.dirname(at)) {
    yield* manifestsIn(path.join(at, "node_modules"), seen);
    if (at === path.dirname(at)) return;
  }
}

function realPath(directory) {
  return fs.existsSync(directory) ? fs.realpathSync(directory) : undefined;
}

function entriesOf(directory) {
  try {
    return fs.readdirSync(directory);
  } catch {
    return []; // a file
  }
}

function readJson(file) {
  try {
    return JSON.parse(fs.readFileSync(file, "utf8"));
  } catch {
    return undefined; // none, or none that npm could have installed
  }
}

/** Packages marked "pulumi": { "resource": true }: each has a plugin of its own version. */
function getRequiredPackages(call, callback) {
  answer(callback, () => {
    const response = new language.GetRequiredPackagesResponse();
    const seen = new Set();
    for (const manifest of manifestsFor(readProgram(call.request).directory)) {
      const dependency = pluginOf(manifest);
      if (dependency === undefined) continue;
      const key = `${dependency.getName()}@${dependency.getVersion()}`;
      if (!seen.has(key)) response.addPackages(dependency);
      seen.add(key);
    }
    return response;
  });
}

function pluginOf(manifest) {
  const marks = manifest.pulumi;
  if (marks?.resource !== true) return undefined;
  const name = marks.name || /^@pulumi\/(.+)/.exec(manifest.name)?.[1];
  const version = marks.version || manifest.version;
  if (!name || !version) return undefined;
  const dependency = new plugin.PackageDependency();
  dependency.setName(name);
  dependency.setKind("resource");
  dependency.setVersion(version.startsWith("v") ? version : `v${version}`);
  if (marks.server) dependency.setServer(marks.server);
  if (marks.parameterization) {
    dependency.setParameterization(parameterization(marks.parameterization));
  }
  if (marks.extensionParameterization && dependency.setExtension) {
    dependency.setExtension(parameterization(marks.extensionParameterization));
  }
  return dependency;
}

function parameterization({ name, version, value }) {
  const result = new plugin.PackageParameterization();
  result.setName(name);
  result.setVersion(version);
  result.setValue(value); // base64, which the stubs take for bytes
  return result;
}

/** For `pulumi about`: the packages that package.json names, or all. */
function getProgramDependencies(call, callback) {
  answer(callback, () => {
    const { directory } = readProgram(call.request);
    const all = call.request.getTransitivedependencies();
    const own = readJson(path.join(directory, "package.json")) ?? {};
    const named = { ...own.dependencies, ...own.devDependencies };
    const response = new language.GetProgramDependenciesResponse();
    const seen = new Set();
    for (const { name, version } of manifestsFor(directory)) {
      if (!name || !version || seen.has(name) || (!all && !(name in named))) continue;
      seen.add(name);
      const dependency = new language.DependencyInfo();
      dependency.setName(name);
      dependency.setVersion(version);
      response.addDependencies(dependency);
    }
    return response;
  });
}

function answer(callback, work) {
  try {
    callback(null, work());
  } catch (error) {
    callback({ code: grpc.status.UNKNOWN, details: error.message });
  }
}

module.exports = { getProgramDependencies, getRequiredPackages };
