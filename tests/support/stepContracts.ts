import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

import ts from "typescript";

const components = join(__dirname, "..", "..", "components");

const scripts = join(components, "scripts");
/** What the folders of components/scripts hold. */
const kinds = ["steps", "roles", "shared", "launch"] as const;

/** The names of all scripts, or of those of one folder, without `.sh`. */
export function scriptNames(...of: readonly (typeof kinds)[number][]): string[] {
  const folders = of.length > 0 ? of : kinds;
  return folders.flatMap((kind) =>
    readdirSync(join(scripts, kind)).map((name) => name.replace(/\.sh$/, "")),
  );
}

/** A script's text, comments and all. */
export function scriptText(name: string): string {
  const kind = kinds.find((one) => existsSync(join(scripts, one, `${name}.sh`)));
  if (kind === undefined) throw new Error(`there is no ${name}.sh`);
  return readFileSync(join(scripts, kind, `${name}.sh`), "utf8");
}

/** The parameters that a script says it takes, by `: "${NAME:?}"` or, where they may be empty, `: "${NAME?}"`. */
export function scriptContract(name: string): { required: string[]; mayBeEmpty: string[] } {
  const text = scriptText(name);
  const lines = text.split("\n").filter((line) => line.startsWith(": "));
  const names = (pattern: RegExp): string[] =>
    lines.flatMap((line) => [...line.matchAll(pattern)].map((found) => found[1] ?? ""));
  return {
    required: names(/"\$\{([A-Z0-9_]+):\?\}"/g),
    mayBeEmpty: names(/"\$\{([A-Z0-9_]+)\?\}"/g),
  };
}

/** The parameters of each step as `StepParameters` of components/remote/steps.ts has them, by the TypeScript compiler. */
export function typedContracts(): ReadonlyMap<string, readonly string[]> {
  const file = join(components, "remote", "steps.ts");
  const program = ts.createProgram([file], { noLib: true, noResolve: true, types: [] });
  const source = program.getSourceFile(file);
  const declaration = source?.statements.find(
    (statement) => ts.isInterfaceDeclaration(statement) && statement.name.text === "StepParameters",
  );
  if (declaration === undefined) throw new Error(`${file} declares no StepParameters`);
  const checker = program.getTypeChecker();
  const properties = (type: ts.Type): ts.Symbol[] => checker.getPropertiesOfType(type);
  const steps = properties(checker.getTypeAtLocation(declaration));
  return new Map(
    steps.map((step) => [
      step.name,
      properties(checker.getTypeOfSymbolAtLocation(step, declaration)).map(({ name }) => name),
    ]),
  );
}
