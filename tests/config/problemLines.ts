import { validate } from "../../config/validate";
import { hosts, stackFile } from "../support/stackFile";

/** Every problem of a stack file as the lines that the user sees. */
export function problemsOf(input: unknown): string[] {
  const validation = validate(input);
  return validation.ok ? [] : validation.problems.map((p) => `${p.path}: ${p.message}`);
}

/** A stack file with one node in the place of the first worker. */
export function withWorker(worker: object): unknown {
  return { ...stackFile({ workers: 0 }), workers: [{ ...hosts("w", 1, 100)[0], ...worker }] };
}
