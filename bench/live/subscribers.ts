import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** Many subscribers in a process of their own. They look for marks in the bytes instead of parsing messages, so that they cost little of what is measured. */

/** What the parent asks for. */
export interface SubscribeOptions {
  readonly port: number;
  readonly count: number;
  readonly path: string;
  readonly authorization: string;
  /** Sent as the first message; none: what comes is taken. */
  readonly subscribe: string | undefined;
}

/** What the subscribers saw since they were asked last. */
export interface Seen {
  readonly events: number;
  /** The smallest number that one subscriber got. */
  readonly fewest: number;
  readonly missed: number;
  readonly bytes: number;
  /** From sending to arrival, milliseconds, sorted. */
  readonly latenciesMs: readonly number[];
}

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const HEAD_END = '\r\n\r\n';
const MARK = '"at":';
const NOT_MISSED = '"missed":0';
const MISSED = '"missed":';
/** A mark and the number behind it are at most so long: so much of a chunk is looked at again with the next one. */
const MARK_BYTES = 40;
/** Of every so many arrivals the latency is kept. */
const SAMPLE = 16;
const CONNECT_AT_ONCE = 50;

/** `performance.now()` of any process of this machine, comparable between them. */
export const nowMs = (): number => performance.timeOrigin + performance.now();

/** A text message as a client frames it, masked with zeros. */
export const clientFrame = (text: string): Buffer => {
  const payload = Buffer.from(text);
  const head =
    payload.length < 126
      ? Buffer.from([0x81, 0x80 | payload.length])
      : Buffer.from([0x81, 0x80 | 126, payload.length >> 8, payload.length & 0xff]);
  return Buffer.concat([head, Buffer.alloc(4), payload]);
};

class Subscriber {
  events = 0;
  missed = 0;
  bytes = 0;
  latenciesMs: number[] = [];
  readonly #socket: Socket;
  #rest = '';

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  static async open({ port, path, authorization, subscribe }: SubscribeOptions): Promise<Subscriber> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    await once(socket, 'connect');
    const key = randomBytes(16).toString('base64');
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\nAuthorization: ${authorization}\r\n\r\n`,
    );
    const subscriber = new Subscriber(socket);
    const [head] = (await once(socket, 'data')) as [Buffer];
    const accept = createHash('sha1')
      .update(key + GUID)
      .digest('base64');
    if (!head.includes(accept)) throw new Error(`no WebSocket: ${head.toString().split(HEAD_END)[0] ?? ''}`);
    socket.on('data', (chunk: Buffer) => subscriber.#take(chunk));
    if (subscribe !== undefined) socket.write(clientFrame(subscribe));
    return subscriber;
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    const at = nowMs();
    this.bytes += chunk.length;
    const text = this.#rest + chunk.toString('latin1');
    // What begins within the end of the chunk is looked at with the next one.
    const end = text.length - MARK_BYTES;
    let last = 0;
    for (let found = text.indexOf(MARK); found >= 0 && found < end; found = text.indexOf(MARK, found + 1)) {
      this.events += 1;
      last = found + 1;
      if (this.events % SAMPLE === 0)
        this.latenciesMs.push(at - Number.parseFloat(text.slice(found + MARK.length, found + MARK_BYTES)));
    }
    for (
      let found = text.indexOf(MISSED);
      found >= 0 && found < end;
      found = text.indexOf(MISSED, found + 1)
    ) {
      last = Math.max(last, found + 1);
      if (!text.startsWith(NOT_MISSED, found))
        this.missed += Number.parseInt(text.slice(found + MISSED.length, found + MARK_BYTES), 10);
    }
    this.#rest = text.slice(Math.max(last, end, 0));
  }
}

const openAll = async (options: SubscribeOptions): Promise<Subscriber[]> => {
  const all: Subscriber[] = [];
  while (all.length < options.count) {
    const next = Math.min(CONNECT_AT_ONCE, options.count - all.length);
    all.push(...(await Promise.all(Array.from({ length: next }, () => Subscriber.open(options)))));
  }
  return all;
};

const seenBy = (subscribers: readonly Subscriber[]): Seen => {
  const sum = (of: (subscriber: Subscriber) => number): number =>
    subscribers.reduce((total, each) => total + of(each), 0);
  const seen = {
    events: sum(({ events }) => events),
    fewest: Math.min(...subscribers.map(({ events }) => events)),
    missed: sum(({ missed }) => missed),
    bytes: sum(({ bytes }) => bytes),
    latenciesMs: subscribers.flatMap(({ latenciesMs }) => latenciesMs).sort((a, b) => a - b),
  };
  for (const subscriber of subscribers)
    Object.assign(subscriber, { events: 0, missed: 0, bytes: 0, latenciesMs: [] });
  return seen;
};

const serve = (): void => {
  let subscribers: Subscriber[] = [];
  process.on('message', (message: SubscribeOptions | 'seen') => {
    if (message === 'seen') process.send?.(seenBy(subscribers));
    else
      void openAll(message).then(async (opened) => {
        subscribers = opened;
        await sleep(500);
        process.send?.('open');
      });
  });
  process.on('disconnect', () => {
    for (const subscriber of subscribers) subscriber.close();
    process.exit(0);
  });
};

if (process.env['AEVUM_BENCH_SUBSCRIBERS'] === '1') serve();
