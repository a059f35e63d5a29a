import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '../support/client.ts';
import { freePort, Platform } from '../support/platform.ts';

/** What happens to a request. */
export type Fault =
  | 'none'
  /** The connection breaks before the platform sees anything. */
  | 'cut'
  /** The platform takes it, and the answer is lost. */
  | 'lost'
  /** The platform takes it, and the answer breaks off in the middle. */
  | 'torn'
  /** 503 with Retry-After: 1, and the platform sees nothing. */
  | 'busy'
  /** The answer comes late. */
  | 'slow';

const SLOW_MS = 300;

/** A proxy in front of the platform that does to each request what `faultOf` says. */
export class FaultProxy {
  faultOf: (request: number) => Fault = () => 'none';
  /** Requests to collect, so far. */
  requests = 0;
  readonly url: string;
  readonly #platform: string;

  private constructor(url: string, platform: string) {
    this.url = url;
    this.#platform = platform;
  }

  /** Starts one that ends with the test. */
  static async start(t: TestContext, platform: string): Promise<FaultProxy> {
    const server = createServer((request, response) => {
      proxy.#pass(request, response).catch(() => response.destroy());
    });
    t.after(() => server.close().closeAllConnections());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    const proxy = new FaultProxy(`http://127.0.0.1:${port}`, platform);
    return proxy;
  }

  async #pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const fault = request.method === 'POST' ? this.faultOf(this.requests++) : 'none';
    if (fault === 'cut') return void response.destroy();
    if (fault === 'busy') {
      const headers = { 'retry-after': '1', 'access-control-allow-origin': '*' };
      response.writeHead(503, headers).end('{"error":{"code":"queue_full","message":"Later."}}');
      return;
    }
    const { host: _host, connection: _connection, 'content-length': _length, ...headers } = request.headers;
    const method = request.method ?? 'GET';
    const answer = await fetch(this.#platform + (request.url ?? ''), {
      method,
      headers: headers as Record<string, string>,
      ...(method === 'POST' ? { body: Buffer.concat(chunks) } : {}),
    });
    const text = await answer.text();
    if (fault === 'lost') return void response.destroy();
    if (fault === 'slow') await sleep(SLOW_MS);
    const { connection: _close, ...kept } = Object.fromEntries(answer.headers);
    response.writeHead(answer.status, kept);
    if (fault === 'torn') {
      response.write(text.slice(0, 5), () => response.destroy());
      return;
    }
    response.end(text);
  }
}

/** A platform that can be started anew on what it has kept. */
export interface Restartable {
  /** Starts it, or starts it again. */
  readonly start: () => Promise<Platform>;
}

/** A platform to be, whose data is gone when the test is over. */
export const preparePlatform = async (t: TestContext): Promise<Restartable> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'aevum-sdk-'));
  const port = await freePort();
  let platform: Platform | undefined;
  t.after(async () => {
    await platform?.kill('group');
    await rm(dataDir, { recursive: true, force: true });
  });
  return {
    async start() {
      platform = await Platform.start(dataDir, port);
      return platform;
    },
  };
};

/** A platform behind a proxy, and who reads from it. */
export const startBehindProxy = async (
  t: TestContext,
): Promise<{ readonly reader: Client; readonly proxy: FaultProxy }> => {
  const platform = await (await preparePlatform(t)).start();
  return { reader: new Client(platform.url), proxy: await FaultProxy.start(t, platform.url) };
};
