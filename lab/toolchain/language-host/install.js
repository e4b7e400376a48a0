"use strict";
/** InstallDependencies: what `pulumi install` does for a program. */
const children = require("./children.js");
const { grpc, language } = require("./stubs.js");

function installDependencies(call) {
  const directory = call.request.getInfo()?.getProgramDirectory() || call.request.getDirectory();
  const send = (field) => (data) => {
    const response = new language.InstallDependenciesResponse();
    response[field](data);
    call.write(response);
  };
  const fail = (details) =>
    call.destroy(Object.assign(new Error(details), { code: grpc.status.UNKNOWN, details }));
  const npm = children.start(call, "npm", ["install", "--no-audit", "--no-fund"], {
    cwd: directory,
    stdio: ["ignore", "pipe", "pipe"],
  });
  npm.stdout.on("data", send("setStdout"));
  npm.stderr.on("data", send("setStderr"));
  npm.once("error", (error) => fail(error.message));
  npm.once("close", (status) => {
    if (status === 0) call.end();
    else fail(`npm install failed with status ${status} in ${directory}`);
  });
}

module.exports = { installDependencies };
