import { once } from "node:events";
import { createConnection, createServer, type AddressInfo, type Socket } from "node:net";

/** The loopback, where the lab publishes its hosts' SSH. */
const host = "127.0.0.1";

/** Something between this machine and a host, until it is closed. */
export interface Held {
  close(): Promise<void>;
}

/** A further port for a host's SSH. */
export interface Forwarder extends Held {
  readonly port: number;
}

/** Lets a further port of the loopback, one that is free, lead to a published one. */
export async function forwardTo(port: number): Promise<Forwarder> {
  const open = new Set<Socket>();
  const keep = (socket: Socket): Socket => {
    open.add(socket);
    // A connection that breaks is its client's to notice.
    return socket.on("error", () => undefined).on("close", () => open.delete(socket));
  };
  const server = createServer({ allowHalfOpen: true }, (from) => {
    const to = keep(createConnection({ host, port, allowHalfOpen: true }));
    keep(from).pipe(to).pipe(from);
    from.on("close", () => to.destroy());
    to.on("close", () => from.destroy());
  });
  server.listen(0, host);
  await once(server, "listening");
  // A story that fails before it closes this must not keep the whole run from ending.
  server.unref();
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** What a server says first to whoever connects; an empty text where it closes without a word. 5 s at most. */
export async function greeting(port: number): Promise<string> {
  const { socket, text } = await greeted(port);
  socket.destroy();
  return text;
}

/**
 * Connects to an SSH server and never logs in. It holds one of the server's places for those who have not logged in yet, until
 * it is closed or the server's patience (LoginGraceTime, 120 s) ends.
 *
 * @throws where the server does not greet it as a client.
 */
export async function holdUnauthenticated(port: number): Promise<Held> {
  const { socket, text } = await greeted(port);
  if (!text.startsWith("SSH-2.0-")) {
    socket.destroy();
    throw new Error(`port ${port} did not greet but said "${text.trim()}"`);
  }
  return {
    async close() {
      if (socket.destroyed) return;
      socket.destroy();
      await once(socket, "close");
    },
  };
}

async function greeted(port: number): Promise<{ socket: Socket; text: string }> {
  const socket = createConnection({ host, port }).on("error", () => undefined);
  socket.setTimeout(5000, () => socket.destroy());
  const text = await new Promise<string>((resolve) => {
    socket.once("data", (bytes: Buffer) => resolve(bytes.toString("latin1")));
    socket.once("close", () => resolve(""));
  });
  socket.setTimeout(0);
  return { socket, text };
}
