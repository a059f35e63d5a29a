import { connect, type Socket } from 'node:net';
import { requestTemplate } from './event-template.ts';

/**
 * A small HTTP/1.1 load generator on plain sockets: one request under way per connection, closed loop or at a fixed rate. It only looks at the status
 * and the length of an answer. In the open loop latency counts from when a request was due, not from when it could be sent (no coordinated omission).
 */

/** What to send, how fast and for how long. */
export interface LoadOptions {
  readonly port: number;
  readonly key: string;
  readonly connections: number;
  /** 1 uses the single-event route. */
  readonly eventsPerRequest: number;
  readonly seconds: number;
  /** Requests a second over all connections; 0 = as fast as answers come. */
  readonly requestsPerSecond: number;
  /** First event id number; runs on one server must not overlap. */
  readonly firstId: number;
}

/** What happened. Latencies in milliseconds, sorted. */
export interface LoadResult {
  readonly requests: number;
  readonly events: number;
  readonly failures: number;
  readonly elapsedMs: number;
  readonly latenciesMs: Float64Array;
  readonly nextId: number;
  readonly eventBytes: number;
  /** Processor time of the generator itself, microseconds a request. */
  readonly generatorMicroseconds: number;
}

/** The `q` quantile (0..1) of sorted values; NaN when there are none. */
export const quantile = (sorted: Float64Array, q: number): number =>
  sorted.length === 0
    ? Number.NaN
    : (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN);

class Connection {
  readonly #socket: Socket;
  #buffered: Buffer | undefined;
  #answer: ((status: number) => void) | undefined;

  constructor(port: number) {
    this.#socket = connect({ host: '127.0.0.1', port, noDelay: true });
    this.#socket.on('data', (chunk: Buffer) => this.#take(chunk));
    this.#socket.on('error', () => this.#finish(0));
    this.#socket.on('close', () => this.#finish(0));
  }

  /** Resolves with the status, 0 when the connection failed. */
  request(bytes: Buffer): Promise<number> {
    return new Promise((resolve) => {
      this.#answer = resolve;
      this.#socket.write(bytes);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #finish(status: number): void {
    const answer = this.#answer;
    this.#answer = undefined;
    answer?.(status);
  }

  /** Only as much is read as it takes to see that the answer is whole: what this costs, the server on the same machine does not have. */
  #take(chunk: Buffer): void {
    const bytes = this.#buffered === undefined ? chunk : Buffer.concat([this.#buffered, chunk]);
    const headEnd = bytes.indexOf(HEAD_END);
    if (headEnd < 0 || bytes.length < headEnd + HEAD_END.length + bodyLength(bytes, headEnd)) {
      this.#buffered = bytes;
      return;
    }
    this.#buffered = undefined;
    this.#finish(numberAt(bytes, STATUS_AT));
  }
}

const HEAD_END = Buffer.from('\r\n\r\n');
const STATUS_AT = 'HTTP/1.1 '.length;
/** The name is sent in capitals or without; its end is the same. */
const LENGTH_HEADER = Buffer.from('ength: ');

/** The digits at a place, as a number. */
const numberAt = (bytes: Buffer, start: number): number => {
  let number = 0;
  for (let at = start; ; at++) {
    const digit = (bytes[at] ?? 0) - 48;
    if (digit < 0 || digit > 9) return number;
    number = number * 10 + digit;
  }
};

const bodyLength = (bytes: Buffer, headEnd: number): number => {
  const at = bytes.indexOf(LENGTH_HEADER);
  return at < 0 || at > headEnd ? 0 : numberAt(bytes, at + LENGTH_HEADER.length);
};

/** Runs one load and returns when every request under way is answered. `signal` ends it before its time. */
export const runLoad = async (options: LoadOptions, signal?: AbortSignal): Promise<LoadResult> => {
  const started = performance.now();
  const cpuBefore = process.cpuUsage();
  const endAt = started + options.seconds * 1000;
  const latencies: number[] = [];
  let nextId = options.firstId;
  let sent = 0;
  let failures = 0;
  let eventBytes = 0;

  const dueAt = (index: number): number =>
    options.requestsPerSecond === 0 ? 0 : started + (index * 1000) / options.requestsPerSecond;

  const runConnection = async (variant: number): Promise<void> => {
    const connection = new Connection(options.port);
    const template = requestTemplate(
      options.eventsPerRequest,
      options.eventsPerRequest === 1,
      options.key,
      variant,
    );
    eventBytes = template.eventBytes;
    for (;;) {
      const due = dueAt(sent++);
      const wait = due - performance.now();
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
      const begun = performance.now();
      if (begun >= endAt || signal?.aborted === true) break;
      template.stamp(nextId, Date.now());
      nextId += template.events;
      const status = await connection.request(template.bytes);
      latencies.push(performance.now() - (options.requestsPerSecond === 0 ? begun : Math.max(due, started)));
      if (status !== 202) failures += 1;
      if (status === 0) break;
    }
    connection.close();
  };

  await Promise.all(Array.from({ length: options.connections }, (_, index) => runConnection(index)));
  const requests = latencies.length;
  return {
    requests,
    events: (requests - failures) * options.eventsPerRequest,
    failures,
    elapsedMs: performance.now() - started,
    latenciesMs: Float64Array.from(latencies).sort(),
    nextId,
    eventBytes,
    generatorMicroseconds: cpuSince(cpuBefore) / requests,
  };
};

const cpuSince = (before: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(before);
  return user + system;
};
