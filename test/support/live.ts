import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { LiveAnswer, LiveRequest } from '../../src/contract/live.ts';
import type { StoredEvent } from '../../src/contract/event.ts';
import { PATIENCE_MS, until } from './until.ts';

type Op = LiveAnswer['op'];
type Answer<O extends Op> = Extract<LiveAnswer, { readonly op: O }>;

/** How a WebSocket is opened. */
export interface LiveOptions {
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Behind the path, with its question mark. */
  readonly query?: string;
}

/** A client of `/ws/events` that keeps all it is told. */
export class LiveClient {
  readonly socket: WebSocket;
  readonly answers: LiveAnswer[] = [];
  /** Code of the close, once it is closed. */
  closed: number | undefined;

  private constructor(url: string, { key, headers, query = '' }: LiveOptions) {
    this.socket = new WebSocket(`${url.replace('http', 'ws')}/ws/events${query}`, {
      headers: { ...headers, ...(key === undefined ? {} : { authorization: `Bearer ${key}` }) },
      handshakeTimeout: PATIENCE_MS,
    });
    this.socket.on('message', (data: Buffer) => {
      this.answers.push(JSON.parse(data.toString()) as LiveAnswer);
    });
    this.socket.on('close', (code) => {
      this.closed = code;
    });
    this.socket.on('error', () => undefined);
  }

  /** Resolves once the connection is open; rejects with the status if it is refused. */
  static async open(url: string, options: LiveOptions = {}): Promise<LiveClient> {
    const client = new LiveClient(url, options);
    const { socket } = client;
    const refused = once(socket, 'unexpected-response').then(([, response]) => {
      const { statusCode } = response as { readonly statusCode: number };
      socket.terminate();
      throw new Error(`refused with ${statusCode}`);
    });
    refused.catch(() => undefined);
    await Promise.race([once(socket, 'open'), refused]);
    return client;
  }

  send(request: LiveRequest): void {
    this.socket.send(JSON.stringify(request));
  }

  /** All answers of a kind, about one id if told. */
  all<O extends Op>(op: O, id?: string): Answer<O>[] {
    return this.answers.filter(
      (answer): answer is Answer<O> =>
        answer.op === op && (id === undefined || ('id' in answer && answer.id === id)),
    );
  }

  /** The first answer of a kind, about one id if told, once it is there. */
  first<O extends Op>(op: O, id?: string): Promise<Answer<O>> {
    return until(`"${op}" comes`, () => {
      const found = this.all(op, id).at(0);
      if (found === undefined) throw new Error(`there is ${JSON.stringify(this.answers).slice(-500)}`);
      return found;
    });
  }

  /** The events of a subscription so far. */
  events(id: string): StoredEvent[] {
    return this.all('events', id).flatMap(({ events }) => events);
  }

  /** How many it was told that it missed. */
  missed(id: string): number {
    return this.all('events', id).reduce((sum, { missed }) => sum + missed, 0);
  }

  /** Subscribes and waits until it is confirmed. */
  async subscribe(id: string, rest: Readonly<Record<string, unknown>> = {}): Promise<Answer<'subscribed'>> {
    this.send({ op: 'subscribe', id, kind: 'events', ...rest });
    return this.first('subscribed', id);
  }

  close(): void {
    this.socket.terminate();
  }
}
