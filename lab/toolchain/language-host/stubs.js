"use strict";
/**
 * The generated protocol code, out of the @pulumi/pulumi package: the program's own (the CLI starts
 * this process in its directory), else one installed beside this file.
 */
const { createRequire } = require("node:module");
const path = require("node:path");

function requireOfPulumi() {
  const places = [process.cwd(), __dirname];
  for (const place of places) {
    try {
      const near = createRequire(path.join(place, "any.js"));
      return createRequire(near.resolve("@pulumi/pulumi/package.json"));
    } catch (error) {
      if (error.code !== "MODULE_NOT_FOUND") throw error;
    }
  }
  process.stderr.write(
    `pulumi-language-nodejs: there is no @pulumi/pulumi in node_modules of ${places.join(" or ")}` +
      ` or of a directory above; run npm ci\n`,
  );
  process.exit(1);
}

const requireStub = requireOfPulumi();

module.exports = {
  grpc: requireStub("@grpc/grpc-js"),
  empty: requireStub("google-protobuf/google/protobuf/empty_pb.js"),
  language: requireStub("./proto/language_pb.js"),
  languageService: requireStub("./proto/language_grpc_pb.js").LanguageRuntimeService,
  plugin: requireStub("./proto/plugin_pb.js"),
};
