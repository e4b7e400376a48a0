"use strict";
/**
 * pulumi-language-nodejs: runs Pulumi programs written for Node.js.
 *
 * It stands in for Pulumi's own program of that name, which is not published as a Go module. It
 * speaks pulumirpc.LanguageRuntime with the generated stubs of the @pulumi/pulumi package.
 *
 *   usage (by the CLI): pulumi-language-nodejs [--logtostderr] [-v=N] [--tracing URL] [ENGINE]
 *   contract: one line on stdout, the TCP port; then gRPC on 127.0.0.1:port, until SIGINT or the
 *   end of the CLI.
 *
 * What the CLI may call besides what is here (code generation, Link, Pack, Template, prompts) is
 * answered UNIMPLEMENTED, which it takes or reports.
 */
const fs = require("node:fs");

const children = require("./children.js");
const engine = require("./engine.js");
const { installDependencies } = require("./install.js");
const { getProgramDependencies, getRequiredPackages } = require("./packages.js");
const { run, runPlugin } = require("./run.js");
const { empty, grpc, language, languageService, plugin } = require("./stubs.js");

function about(_call, callback) {
  const response = new language.AboutResponse();
  response.setExecutable(process.execPath);
  response.setVersion(process.version);
  callback(null, response);
}

function getPluginInfo(version, callback) {
  const response = new plugin.PluginInfo();
  response.setVersion(version);
  callback(null, response);
}

/** Called only where the CLI attaches to a host that runs already (PULUMI_DEBUG_LANGUAGES). */
function handshake(call, callback) {
  engine.address = call.request.getEngineAddress();
  callback(null, new language.LanguageHandshakeResponse());
}

function cancel(_call, callback) {
  children.interruptAll();
  callback(null, new empty.Empty());
}

function serve(version) {
  const server = new grpc.Server({
    "grpc.max_receive_message_length": -1,
    "grpc.max_send_message_length": -1,
  });
  server.addService(languageService, {
    about,
    cancel,
    getPluginInfo: (_call, callback) => getPluginInfo(version, callback),
    getProgramDependencies,
    getRequiredPackages,
    handshake,
    installDependencies,
    run,
    runPlugin,
  });
  server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
    if (error) {
      process.stderr.write(`pulumi-language-nodejs: ${error.message}\n`);
      process.exit(1);
    }
    process.stdout.write(`${port}\n`);
  });
  return server;
}

/** Ends this process together with the CLI: on its signal, or when the stdin pipe it holds ends. */
function leaveWithTheCli(server) {
  let leaving = false;
  const leave = () => {
    if (leaving) return;
    leaving = true;
    const patience = children.interruptAll() > 0 ? children.patience - 500 : 200;
    server.tryShutdown(() => process.exit(0));
    setTimeout(() => {
      server.forceShutdown();
      process.exit(0);
    }, patience).unref();
  };
  process.on("SIGINT", leave).on("SIGTERM", leave);
  if (engine.address && fs.fstatSync(0).isFIFO()) {
    process.stdin.on("end", leave).on("error", leave).resume();
  }
}

/** Does what the command line says. `version` is the Pulumi release whose host this one behaves like. */
function main(version) {
  const args = process.argv.slice(2);
  if (args.includes("--version") || args.includes("-version")) {
    console.log(version);
    return;
  }
  engine.parseArguments(args);
  leaveWithTheCli(serve(version));
}

module.exports = { main };
