import { once } from "node:events";
import { createConnection, createServer, type AddressInfo, type Server } from "node:net";

import { afterEach, describe, expect, test } from "@jest/globals";

import { eventually } from "../e2e/support/eventually";
import { touchedBetween } from "../e2e/support/hosts/footprint";
import { forwardTo, greeting, holdUnauthenticated } from "../e2e/support/faults/loopback";
import { overlaps } from "../e2e/support/cluster/stepSpans";
import { toldOf } from "../e2e/support/messages/told";

describe("what a run tells of a host", () => {
  const output = [
    "Diagnostics:",
    "  command:remote:Command (cp1-join):",
    "    error: Process exited with status 1:",
    "    cp1: join: `kubeadm join` failed:",
    "        first line",
    "        last line",
    "      what to do: see the log",
    "    error: w1: preflight: the host at 127.0.0.1:2921 does not answer",
    "      what to do: see that the host is up",
    "    w2: join: nothing to do about it",
  ].join("\n");

  test("is the step, what is wrong and what to do", () => {
    expect(toldOf(output, "w1")).toEqual({
      step: "preflight",
      what: "the host at 127.0.0.1:2921 does not answer",
      remedy: "see that the host is up",
    });
    expect(toldOf(output, "cp1")).toMatchObject({ step: "join", remedy: "see the log" });
  });

  test.each(["w3", "w2", "p1"])("has to name it, and to say what to do: %s", (host) => {
    expect(() => toldOf(output, host)).toThrow(`nothing was told of ${host}`);
  });
});

test("steps overlap where one begins before another has ended", () => {
  const span = (host: string, begin: number, end: number) => ({ host, step: "join", begin, end });
  expect(overlaps([span("a", 0, 10), span("b", 10, 20), span("c", 15, 16)])).toEqual([
    "b join, c join",
  ]);
  expect(overlaps([span("a", 0, 10), span("b", 10, 20)])).toEqual([]);
});

test("touched is what is new, gone or different", () => {
  const before = { "w1 same": "1", "w1 other": "1", "w1 gone": "1" };
  const after = { "w1 same": "1", "w1 other": "2", "w1 new": "1" };
  expect(touchedBetween(before, after)).toEqual(["w1 gone", "w1 new", "w1 other"]);
  expect(touchedBetween(before, { ...before })).toEqual([]);
});

describe("connections on the loopback", () => {
  let server: Server | undefined;
  afterEach(() => {
    server?.close();
  });

  /** A server that says something first and gives back what it hears. */
  async function serve(says: string): Promise<number> {
    server = createServer((socket) => {
      socket.on("error", () => undefined).write(says);
      socket.pipe(socket);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    return (server.address() as AddressInfo).port;
  }
  const open = (): Promise<number> =>
    new Promise((resolve) => server?.getConnections((_, count) => resolve(count)));

  test("go through another port, in both directions, until it is closed", async () => {
    const forwarder = await forwardTo(await serve("hello "));
    const client = createConnection({ host: "127.0.0.1", port: forwarder.port });
    client.write("you");
    let heard = "";
    for await (const bytes of client as AsyncIterable<Buffer>) {
      heard += bytes.toString();
      if (heard === "hello you") break;
    }
    await forwarder.close();
    expect(await greeting(forwarder.port)).toBe("");
    expect(forwarder.port).toBeGreaterThanOrEqual(1024);
  });

  test("are held as long as they are wanted, where the server greets", async () => {
    const held = await holdUnauthenticated(await serve("SSH-2.0-x\r\n"));
    expect(await open()).toBe(1);
    await held.close();
    await eventually(5, async () => expect(await open()).toBe(0));
  });

  test("that are turned away are told with what the server said", async () => {
    const port = await serve("Exceeded MaxStartups\r\n");
    await expect(holdUnauthenticated(port)).rejects.toThrow('said "Exceeded MaxStartups"');
  });
});
