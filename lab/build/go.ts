import path from "node:path";

import type { BuildContext } from "./recipe";

/** A Go program and how it is linked. */
export interface GoProgram {
  /** The folder with go.mod and go.sum, relative to lab/. */
  readonly module: string;
  /** The package to build, as `go build` takes it: "." or an import path out of go.mod. */
  readonly package: string;
  /** The program's path, relative to `context.out`. */
  readonly output: string;
  /** Variables set at link time (`-X`), such as versions: full name → value. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Links C code in, statically. Default: false, pure Go. */
  readonly cgo?: boolean;
  /** Build tags. */
  readonly tags?: readonly string[];
}

/**
 * Compiles a Go program from a module of the lab: exactly the versions of its go.mod and go.sum (nothing is resolved anew),
 * no paths of this machine in the result, no symbol table.
 */
export async function goBuild(context: BuildContext, program: GoProgram): Promise<void> {
  const { variables = {}, cgo = false, tags = [] } = program;
  const flags = ["-s", "-w"];
  if (cgo) flags.push("-linkmode", "external", "-extldflags", "-static");
  for (const [name, value] of Object.entries(variables)) flags.push("-X", `${name}=${value}`);
  const args = ["build", "-v", "-mod=readonly", "-trimpath", "-buildvcs=false"];
  if (tags.length > 0) args.push("-tags", tags.join(","));
  args.push("-ldflags", flags.join(" "), "-o", path.join(context.out, program.output));
  await context.run("go", [...args, program.package], {
    cwd: path.join(context.lab, program.module),
    env: {
      CGO_ENABLED: cgo ? "1" : "0",
      // What a user has set for other work must not change the lab's programs.
      GOFLAGS: "",
      GOWORK: "off",
      GO111MODULE: "on",
    },
  });
}
