/** What a run says of a host that it could not work on. */
export interface Told {
  /** The step that could not run there. */
  readonly step: string;
  /** What is wrong. */
  readonly what: string;
  /** What to do about it. */
  readonly remedy: string;
}

/** `HOST: STEP: WHAT`, and on a line below `what to do: REMEDY`: so do steps end, and connections that fail. */
export function toldOf(output: string, host: string): Told {
  const pattern = new RegExp(`\\b${host}: ([a-z-]+): (.+)\\n(?:.*\\n){0,20}?\\s*what to do: (.+)`);
  const [, step, what, remedy] = pattern.exec(output) ?? [];
  if (step === undefined || what === undefined || remedy === undefined) {
    throw new Error(`nothing was told of ${host}, or not what to do:\n${output}`);
  }
  return { step, what, remedy };
}
