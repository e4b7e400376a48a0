"use strict";
/** What a request says of a program, and how Node.js has to be called for it. */
const { createRequire } = require("node:module");
const fs = require("node:fs");
const path = require("node:path");

/** Reads ProgramInfo, with `runtime.options` of Pulumi.yaml. Throws on an option of a wrong type. */
function readProgram(request) {
  const info = request.getInfo();
  const options = info?.getOptions()?.toJavaScript() ?? {};
  const option = (name, type, byDefault) => {
    const value = options[name] ?? byDefault;
    if (typeof value !== type) throw new Error(`runtime option ${name} must be a ${type}`);
    return value;
  };
  return {
    root: info.getRootDirectory(),
    directory: info.getProgramDirectory(),
    entryPoint: info.getEntryPoint() || ".",
    typescript: option("typescript", "boolean", true),
    tsconfig: option("tsconfig", "string", ""),
    nodeArguments: splitWords(option("nodeargs", "string", "")),
  };
}

/** Splits text into words as a POSIX shell does: blanks, '…', "…" and \x. */
function splitWords(text) {
  const words = text.match(/(?:[^\s"'\\]|\\.|'[^']*'|"(?:[^"\\]|\\.)*")+/g) ?? [];
  return words.map((word) =>
    word.replace(/'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)/g, (_, single, double, escaped) => {
      if (double !== undefined) return double.replace(/\\(["\\$`])/g, "$1");
      return single ?? escaped;
    }),
  );
}

/** Adds what @pulumi/pulumi's runners read to an environment. */
function programEnvironment(base, program) {
  const environment = { ...base };
  if (program.typescript) environment.PULUMI_NODEJS_TYPESCRIPT = "true";
  if (program.tsconfig) environment.PULUMI_NODEJS_TSCONFIG_PATH = program.tsconfig;
  return environment;
}

/**
 * Finds a module as the program would. Its own @pulumi/pulumi has to run it: two copies of that
 * package do not see each other's resources.
 */
function locate(module, directory) {
  try {
    return createRequire(path.join(fs.realpathSync(directory), "any.js")).resolve(module);
  } catch (error) {
    if (error.code !== "MODULE_NOT_FOUND" && error.code !== "ENOENT") throw error;
    throw new Error(
      `It looks like the Pulumi SDK has not been installed in ${directory}. ` +
        `Have you run npm install? (${module})`,
    );
  }
}

module.exports = { locate, programEnvironment, readProgram };
