import { Failure } from "./failure";
import { program, withCommand } from "./program";

program()
  .parseAsync(withCommand(process.argv.slice(2)), { from: "user" })
  .catch((error: unknown) => {
    const text = error instanceof Failure ? error.message : describe(error);
    process.stderr.write(`error: ${text}\n`);
    process.exitCode = 1;
  });

/** A fault of the lab itself: with its stack, for whoever mends it. */
function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
