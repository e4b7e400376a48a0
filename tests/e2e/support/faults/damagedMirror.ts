import {
  createServer,
  request,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { Transform, type TransformCallback } from "node:stream";

/** What becomes of a file on its way: it is not there, or one of its bytes is another. Its size stays. */
export type Damage = "missing" | "corrupt";

/** Which files are damaged, by their paths, and how. */
export interface DamageRule {
  readonly path: RegExp;
  readonly damage: Damage;
}

/** A mirror that serves what another one serves, except for what it damages. */
export interface DamagedMirror {
  /** `http://address:port`. */
  readonly url: string;
  /** Damages these files from now on, and no others: none at all makes it a whole mirror. What was told is forgotten. */
  damage(rules: readonly DamageRule[]): void;
  /** The paths of the damaged files that were asked for, in their order: the proof that the damage was met. */
  damaged(): readonly string[];
  /** Ends it, with its connections. */
  close(): Promise<void>;
}

/** Where the mirror takes files from: the beginning of a path → `http://address:port`. */
export type Sources = Readonly<Record<string, string>>;

/**
 * Starts a mirror in this process.
 *
 * @param at the address on this machine that it listens at, and the port. Default: one that is free.
 */
export async function startDamagedMirror(
  at: { readonly address: string; readonly port?: number },
  sources: Sources,
): Promise<DamagedMirror> {
  let rules: readonly DamageRule[] = [];
  let met: string[] = [];
  const server = createServer((asked, answer) => {
    const path = asked.url ?? "/";
    const damage = rules.find((rule) => rule.path.test(path))?.damage;
    if (damage !== undefined) met.push(path);
    const source = Object.entries(sources).find(([begin]) => path.startsWith(begin))?.[1];
    if (source === undefined || damage === "missing") answer.writeHead(404).end("not here\n");
    else passOn(asked, answer, source, damage);
  });
  await listen(server, at);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${at.address}:${port}`,
    damage(now) {
      rules = now;
      met = [];
    },
    damaged: () => met,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(
  server: Server,
  { address, port = 0 }: { readonly address: string; readonly port?: number },
): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject).listen(port, address, resolve);
  });
}

/** Asks the source the same question and gives its answer, damaged or as it is. */
function passOn(
  asked: IncomingMessage,
  answer: ServerResponse,
  source: string,
  damage: Damage | undefined,
): void {
  const { host, port } = new URL(source);
  const { method, url, headers } = asked;
  const onward = request(source, { method, path: url, headers: { ...headers, host } });
  onward.on("response", (given) => {
    answer.writeHead(given.statusCode ?? 502, given.headers);
    const length = Number(given.headers["content-length"] ?? 0);
    if (damage === "corrupt") given.pipe(new CorruptByte(Math.floor(length / 2))).pipe(answer);
    else given.pipe(answer);
  });
  onward.on("error", (error) => {
    if (!answer.headersSent) answer.writeHead(502);
    answer.end(`${host}:${port}: ${error.message}\n`);
  });
  answer.on("close", () => onward.destroy());
  asked.pipe(onward);
}

/** Lets bytes through, one of which it inverts. */
class CorruptByte extends Transform {
  private passed = 0;

  /** @param at how many bytes come before it. */
  constructor(private readonly at: number) {
    super();
  }

  override _transform(chunk: Buffer, _: BufferEncoding, done: TransformCallback): void {
    const here = this.at - this.passed;
    this.passed += chunk.length;
    const damaged = Buffer.from(chunk);
    if (here >= 0 && here < damaged.length) damaged[here] = ~(damaged[here] ?? 0) & 0xff;
    done(null, damaged);
  }
}
