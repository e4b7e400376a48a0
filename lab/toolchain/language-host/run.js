"use strict";
/** Run and RunPlugin: the program itself, and policy packs and component packages. */
const children = require("./children.js");
const engine = require("./engine.js");
const { locate, programEnvironment, readProgram } = require("./program.js");
const { grpc, language } = require("./stubs.js");

/** Exit status of @pulumi/pulumi's runner after it has told the user everything itself. */
const alreadyTold = 32;

/** Runs the program against the engine's resource monitor, in a preview or for real. */
function run(call, callback) {
  const done = (error, bail = false) => {
    const response = new language.RunResponse();
    response.setError(error);
    response.setBail(bail);
    callback(null, response);
  };
  let program, runner;
  try {
    program = readProgram(call.request);
    const chosen = process.env.PULUMI_LANGUAGE_NODEJS_RUN_PATH; // as Pulumi's own host takes it
    runner = locate(chosen || "@pulumi/pulumi/cmd/run", program.directory);
  } catch (error) {
    done(error.message);
    return;
  }
  const environment = programEnvironment(process.env, program);
  environment.PULUMI_CONFIG = JSON.stringify(configuration(call.request));
  environment.PULUMI_CONFIG_SECRET_KEYS = JSON.stringify(call.request.getConfigsecretkeysList());

  const args = [...program.nodeArguments, runner, ...runnerArguments(call.request, program)];
  const child = children.start(call, process.execPath, args, {
    cwd: program.directory,
    env: environment,
    // The CLI reads this process' stdout and stderr and shows them: nothing has to be copied.
    stdio: ["ignore", "inherit", "inherit"],
  });
  child.once("error", (error) =>
    done(`Problem executing program (could not run language executor): ${error.message}`),
  );
  child.once("exit", (status, signal) => {
    if (status === 0) done("");
    else if (status === alreadyTold) done("", true);
    else if (status !== null) done(`Program exited with non-zero exit code: ${status}`);
    else done(`Program was ended by ${signal}`);
  });
}

/** Configuration as the runner reads it: namespace:key becomes namespace:config:key. */
function configuration(request) {
  const entries = [...request.getConfigMap().entries()];
  return Object.fromEntries(entries.map(([key, value]) => [key.replace(":", ":config:"), value]));
}

function runnerArguments(request, program) {
  const args = [];
  const flag = (name, value) => {
    if (value) args.push(`--${name}`, String(value));
  };
  // Straight to the engine: the proxy that Pulumi's own host puts between serves synchronous
  // invokes, which version 3 of the SDK no longer makes.
  flag("monitor", request.getMonitorAddress());
  flag("engine", engine.address);
  flag("organization", request.getOrganization());
  flag("project", request.getProject());
  flag("root-directory", program.root);
  flag("stack", request.getStack());
  flag("pwd", program.directory);
  if (request.getDryrun()) args.push("--dry-run");
  flag("parallel", request.getParallel());
  flag("tracing", engine.tracing);
  return [...args, program.entryPoint, ...request.getArgsList()];
}

/** Runs a policy pack (PulumiPolicy.yaml) or a component package (PulumiPlugin.yaml). */
function runPlugin(call) {
  const { request } = call;
  const isPolicyPack = request.getKind() === "analyzer";
  const send = (field) => (value) => {
    const response = new language.RunPluginResponse();
    response[field](value);
    call.write(response);
  };
  const fail = ({ message }) =>
    call.destroy(
      Object.assign(new Error(message), { code: grpc.status.UNKNOWN, details: message }),
    );
  let program, runner;
  try {
    program = readProgram(request);
    const name = isPolicyPack ? "run-policy-pack" : "run-plugin";
    runner = locate(`@pulumi/pulumi/cmd/${name}`, program.directory);
  } catch (error) {
    fail(error);
    return;
  }
  const given = request.getArgsList();
  const operands = isPolicyPack ? [...given, program.directory] : [program.directory, ...given];
  const environment = Object.fromEntries(
    request.getEnvList().map((variable) => variable.split(/=(.*)/s, 2)),
  );
  const child = children.start(
    call,
    process.execPath,
    [...program.nodeArguments, runner, ...operands],
    {
      cwd: isPolicyPack ? program.directory : request.getPwd(),
      env: programEnvironment(environment, program),
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  child.stdout.on("data", send("setStdout"));
  child.stderr.on("data", send("setStderr"));
  child.once("error", fail);
  child.once("close", (status) => {
    send("setExitcode")(status ?? 1);
    call.end();
  });
}

module.exports = { run, runPlugin };
