import { writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import path from "node:path";

import { Failure } from "../failure";
import type { BuildContext } from "./recipe";

/**
 * The registry's settings.
 *
 * @param storage the folder with its data.
 * @param readOnly whether pushes are refused.
 */
export function registryConfig(address: string, storage: string, readOnly: boolean): string {
  return `version: 0.1
log: { level: warn, accesslog: { disabled: true } }
storage:
  filesystem: { rootdirectory: ${storage} }
  maintenance: { readonly: { enabled: ${readOnly} } }
http: { addr: "${address}" }
`;
}

/** How long the registry may take to answer, in milliseconds. */
const patience = 20_000;

/** Runs a registry on the loopback for the time of some work, with its data in a folder. */
export async function withRegistry(
  context: BuildContext,
  program: string,
  storage: string,
  work: (address: string) => Promise<void>,
): Promise<void> {
  const address = `127.0.0.1:${await freePort()}`;
  const config = path.join(context.scratch, "registry.yml");
  writeFileSync(config, registryConfig(address, storage, false));
  const server = context.start(program, ["serve", config]);
  let ended: string | undefined;
  void server.ended.then((how) => (ended = how));
  try {
    const deadline = Date.now() + patience;
    while (!(await answers(`http://${address}/v2/`))) {
      if (ended !== undefined) throw new Failure(`the image registry cannot be started: ${ended}`);
      if (Date.now() > deadline) throw new Failure("the image registry does not answer");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await work(address);
  } finally {
    await server.stop();
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(2000) })).ok;
  } catch {
    return false;
  }
}

/** A port on the loopback that nobody listens on. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
