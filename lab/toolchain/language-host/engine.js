"use strict";
/** What the CLI said about itself when it started this process. */
const engine = {
  /** Where the engine's gRPC server listens; empty where the CLI will attach later. */
  address: "",
  /** Where traces go; empty for nowhere. */
  tracing: "",

  /** Reads the command line. Flags that change nothing here (--logtostderr, -v=9) are skipped. */
  parseArguments(args) {
    for (let i = 0; i < args.length; i++) {
      if (/^--?tracing$/.test(args[i])) engine.tracing = args[++i] ?? "";
      else if (!args[i].startsWith("-")) engine.address = args[i];
    }
  },
};

module.exports = engine;
