import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import { startDamagedMirror, type DamagedMirror } from "../e2e/support/faults/damagedMirror";

/** Large enough to come in several pieces. */
const whole = Buffer.alloc(300_000, "package");

let source: Server;
let mirror: DamagedMirror;
beforeEach(async () => {
  source = createServer((asked, answer) => {
    answer.setHeader("Content-Length", whole.length);
    answer.setHeader("X-Asked", `${asked.method ?? ""} ${asked.url ?? ""}`);
    answer.end(asked.method === "HEAD" ? undefined : whole);
  });
  await new Promise<void>((resolve) => source.listen(0, "127.0.0.1", resolve));
  const { port } = source.address() as AddressInfo;
  mirror = await startDamagedMirror(
    { address: "127.0.0.1" },
    { "/apt/": `http://127.0.0.1:${port}` },
  );
});
afterEach(async () => {
  await mirror.close();
  source.closeAllConnections();
  await new Promise((resolve) => source.close(resolve));
});

async function get(path: string): Promise<{ status: number; body: Buffer }> {
  const answer = await fetch(`${mirror.url}${path}`);
  return { status: answer.status, body: Buffer.from(await answer.arrayBuffer()) };
}

describe("a mirror with damage", () => {
  it("serves what its source serves", async () => {
    const { status, body } = await get("/apt/a.deb");
    expect([status, body.equals(whole)]).toEqual([200, true]);
    const head = await fetch(`${mirror.url}/apt/a.deb?x=1`, { method: "HEAD" });
    expect(head.headers.get("x-asked")).toBe("HEAD /apt/a.deb?x=1");
    expect(head.headers.get("content-length")).toBe(String(whole.length));
    expect(mirror.damaged()).toEqual([]);
  });

  it("gives a corrupt file in its full size, with one byte that is another", async () => {
    mirror.damage([{ path: /a\.deb$/, damage: "corrupt" }]);
    const { status, body } = await get("/apt/a.deb");
    expect([status, body.length]).toEqual([200, whole.length]);
    const other = [...body.keys()].filter((at) => body[at] !== whole[at]);
    expect(other).toEqual([whole.length / 2]);
    expect((await get("/apt/b.deb")).body.equals(whole)).toBe(true);
    expect(mirror.damaged()).toEqual(["/apt/a.deb"]);
  });

  it("does not have a missing file, nor what is below no source", async () => {
    mirror.damage([{ path: /a\.deb$/, damage: "missing" }]);
    expect((await get("/apt/a.deb")).status).toBe(404);
    expect((await get("/files/x")).status).toBe(404);
    expect(mirror.damaged()).toEqual(["/apt/a.deb"]);
    mirror.damage([]);
    expect((await get("/apt/a.deb")).status).toBe(200);
    expect(mirror.damaged()).toEqual([]);
  });
});
