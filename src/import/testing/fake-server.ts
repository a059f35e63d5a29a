import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { RowRanges, rangesOfRows } from '../row-ranges.ts';

/** For tests: keeps events in memory and answers the routes that an import uses, as the real server does, and misbehaves on demand. */
export class FakeServer {
  readonly key = 'admin-key';
  /** Stored events by id. */
  readonly stored = new Map<string, Record<string, unknown>>();
  /** Refused events by id. */
  readonly refused = new Map<string, Record<string, unknown>>();
  /** Events that arrived with an id that was stored already. */
  duplicates = 0;
  /** Names of backfills, one a request. */
  readonly backfills: string[] = [];
  /** Bodies under way at once, at most. */
  parallelMax = 0;
  bodyBytesMax = 20 * 1024 * 1024;
  /** Called before a batch is handled; an answer given here is sent instead. */
  intercept: (request: number) => Promise<Misbehaviour | undefined> | Misbehaviour | undefined = () =>
    undefined;
  #requests = 0;
  #parallel = 0;
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => void this.#handle(request, response));
  }

  static async start(): Promise<FakeServer> {
    const fake = new FakeServer();
    await new Promise<void>((resolve) => fake.#server.listen(0, '127.0.0.1', resolve));
    return fake;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString('utf8');
    const url = new URL(request.url ?? '', this.url);
    if (request.headers.authorization !== `Bearer ${this.key}`)
      return answer(response, 401, fault('unknown_key', 'The key is not known here.'));
    if (url.pathname === '/api/events/batch') return this.#batch(url, body, response);
    const [, id = '', known] = /^\/api\/imports\/([^/]+)(\/known)?$/u.exec(url.pathname) ?? [];
    if (known !== undefined) return answer(response, 200, this.#known(body));
    return answer(response, 200, this.#state(id));
  }

  async #batch(url: URL, body: string, response: ServerResponse): Promise<void> {
    this.#parallel += 1;
    this.parallelMax = Math.max(this.parallelMax, this.#parallel);
    try {
      const misbehaviour = await this.intercept(++this.#requests);
      if (misbehaviour === 'hang up') {
        response.destroy();
        return;
      }
      if (misbehaviour === 'take and hang up') {
        this.#take(url, body);
        response.destroy();
        return;
      }
      if (misbehaviour !== undefined)
        return answer(response, misbehaviour.status, fault(misbehaviour.code, 'No.'), misbehaviour.headers);
      if (Buffer.byteLength(body) > this.bodyBytesMax)
        return answer(response, 413, fault('body_too_large', 'The body is too large.'));
      answer(response, 202, this.#take(url, body));
    } finally {
      this.#parallel -= 1;
    }
  }

  #take(url: URL, body: string): unknown {
    this.backfills.push(url.searchParams.get('backfill') ?? '');
    const rejected: unknown[] = [];
    const events = JSON.parse(body) as ({ id: string } & Record<string, unknown>)[];
    events.forEach((event, index) => {
      const { id } = event;
      const problem = problemOf(event);
      if (problem !== undefined) {
        this.refused.set(id, event);
        rejected.push({ index, id, ...problem });
      } else if (this.stored.has(id)) this.duplicates += 1;
      else this.stored.set(id, event);
    });
    return { accepted: events.length - rejected.length, position: '1', rejected };
  }

  #rows(events: ReadonlyMap<string, unknown>, id: string): number[] {
    const rows = [...events.keys()]
      .filter((key) => key.startsWith(`${id}:`))
      .map((key) => Number(key.slice(id.length + 1)));
    return rows.sort((a, b) => a - b);
  }

  #state(id: string): unknown {
    const stored = this.#rows(this.stored, id);
    const refused = this.#rows(this.refused, id).filter((row) => !stored.includes(row));
    const there = new RowRanges(rangesOfRows([...stored, ...refused].sort((a, b) => a - b)));
    const missing =
      there.last === 0 ? [] : new RowRanges([[1, there.last]]).without(there.toArray()).toArray();
    return {
      id,
      settled: true,
      stored: stored.length,
      quarantined: refused.length,
      next_row: missing[0]?.[0] ?? there.last + 1,
      last_row: there.last,
      missing: { ranges: missing, complete: true },
      quarantined_rows: { ranges: rangesOfRows(refused), complete: true },
      first_timestamp: null,
      last_timestamp: null,
    };
  }

  #known(body: string): unknown {
    const { ids } = JSON.parse(body) as { ids: string[] };
    const known = ids.flatMap((id, index) => (this.stored.has(id) || this.refused.has(id) ? [index] : []));
    return { settled: true, known };
  }
}

/** What the server does instead of taking a body. */
export type Misbehaviour =
  | 'hang up'
  | 'take and hang up'
  | { readonly status: number; readonly code: string; readonly headers?: Record<string, string> };

const fault = (code: string, message: string): unknown => ({ error: { code, message } });

const answer = (
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
};

const problemOf = (event: Record<string, unknown>): { code: string; message: string } | undefined => {
  const { type, timestamp, value } = event;
  if (typeof type !== 'string') return { code: 'missing_type', message: 'An event needs a type.' };
  if (typeof timestamp === 'string' && Number.isNaN(Date.parse(timestamp)))
    return { code: 'invalid_timestamp', message: 'Not a time.' };
  if (typeof value === 'string' && Number.isNaN(Number(value)))
    return { code: 'invalid_field', message: 'Not a number.' };
  return undefined;
};
