"use strict";
/** The processes started here, so that a cancelled or interrupted operation takes them along. */
const { spawn } = require("node:child_process");

/** Milliseconds between asking a child to end and killing it. */
const patience = 5000;

const running = new Set();

function interrupt(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGINT");
  setTimeout(() => child.kill("SIGKILL"), patience).unref();
}

/** Starts a process that ends when `call` is cancelled. */
function start(call, command, args, options) {
  const child = spawn(command, args, options);
  running.add(child);
  child.once("exit", () => running.delete(child));
  call.on("cancelled", () => interrupt(child));
  return child;
}

/** Asks all children to end, and returns how many there are. */
function interruptAll() {
  for (const child of running) interrupt(child);
  return running.size;
}

module.exports = { interruptAll, patience, start };
