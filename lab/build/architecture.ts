import { Failure } from "../failure";

const names: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64" };

/** This machine's architecture as Debian, Go and container images name it: "amd64" or "arm64". */
export function architecture(): string {
  const name = names[process.arch];
  if (name === undefined) {
    throw new Failure(`the lab runs on amd64 and arm64 machines, not on ${process.arch}`);
  }
  return name;
}
