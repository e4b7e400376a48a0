/**
 * A failure whose message is all the user needs: what is wrong, where, and what to do. The entry point prints it as it
 * is and without a stack trace.
 */
export class Failure extends Error {
  override readonly name = "Failure";
}
