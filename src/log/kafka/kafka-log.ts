import { Producer } from '@platformatic/kafka';
import type { Clock } from '../../lib/clock.ts';
import { AppendQueue, type WaitingAppend } from '../append-queue.ts';
import {
  LogError,
  type LogExtent,
  type LogReader,
  type LogRecord,
  type LogWriter,
  type Position,
  type ReadResult,
  type RecordHeader,
} from '../log.ts';
import { Watermark } from '../watermark.ts';
import {
  clientOptions,
  isProtocolError,
  type KafkaOptions,
  KafkaTopic,
  PARTITION,
  toLogError,
} from './kafka-topic.ts';
import { encodeMeta, META_KEY } from './record-codec.ts';

/**
 * The log as a Kafka topic of one partition; positions are offsets.
 *
 * Each group commit is one transaction of a producer whose transactional id is the topic's name: so a group is readable whole or not at all, and the broker itself fences an
 * earlier writer when a later one opens (its epoch is raised). A commit leaves a marker that takes an offset: positions are not dense. Readers see committed records only.
 *
 * Durability is the cluster's: acks=all, so `min.insync.replicas` decides. A topic that is made here with one copy is flushed at each commit instead.
 * When a transaction fails, whether it was committed is not always known: the writer is `failed` for good then. Opening anew settles it.
 */

export type { KafkaOptions } from './kafka-topic.ts';

/** How to write a topic. */
export interface KafkaWriterOptions extends KafkaOptions {
  readonly clock: Clock;
  /** Bytes of records that the topic may hold; above, appends are refused with `full`. */
  readonly bytesMax?: number;
  readonly pendingBytesMax?: number;
  readonly recordBytesMax?: number;
}

const BYTES_MAX_DEFAULT = 1024 ** 4;
const PENDING_BYTES_MAX_DEFAULT = 64 * 1024 * 1024;
const RECORD_BYTES_MAX_DEFAULT = 64 * 1024 * 1024;
const GROUP_BYTES_MAX = 16 * 1024 * 1024;
const TRANSACTION_TIMEOUT_MS = 30_000;
/** How often a reader without news asks the broker, at first and at most. */
const POLL_MS_MIN = 10;
const POLL_MS_MAX = 100;
const LAST_BYTES = 1024 * 1024;
const SIZE_STEP_BYTES = 1024 * 1024;
const FENCING_ERRORS = [
  'PRODUCER_FENCED',
  'INVALID_PRODUCER_EPOCH',
  'INVALID_TXN_STATE',
  'INVALID_PRODUCER_ID_MAPPING',
];

/** Opens a topic for reading. It must exist by the time of the first read. */
export const openKafkaReader = (options: KafkaOptions): Promise<LogReader> =>
  Promise.resolve(new KafkaReading(new KafkaTopic(options)));

/** Opens a topic for writing; makes it if it does not exist. Fences the writer before. */
export const openKafkaWriter = async (options: KafkaWriterOptions): Promise<LogWriter> => {
  const topic = new KafkaTopic(options);
  const producer = new Producer({
    ...clientOptions(options, 'writer'),
    timeout: TRANSACTION_TIMEOUT_MS,
    idempotent: true,
    transactionalId: `aevum-${options.topic}`,
  });
  try {
    await topic.create();
    // Raises the epoch, and with it fences the writer before; -1: whatever the producer was before.
    const transaction = await producer.beginTransaction({ producerId: -1n, producerEpoch: -1 });
    await transaction.cancel();
    const { next } = await topic.extent();
    return new KafkaWriter(options, topic, producer, next, await topic.storedBytes());
  } catch (error) {
    await Promise.allSettled([producer.close(true), topic.close()]);
    throw toLogError(options.topic, 'cannot be opened', error);
  }
};

class KafkaReading implements LogReader {
  readonly #topic: KafkaTopic;
  readonly #closing = new AbortController();

  constructor(topic: KafkaTopic) {
    this.#topic = topic;
  }

  read(from: Position, bytesMax: number): Promise<ReadResult> {
    return this.#guarded('cannot be read', () => this.#topic.read(from, bytesMax));
  }

  async changed(from: Position, timeoutMs: number): Promise<void> {
    const deadlineMs = performance.now() + timeoutMs;
    for (
      let pauseMs = POLL_MS_MIN;
      !this.#closing.signal.aborted;
      pauseMs = Math.min(pauseMs * 2, POLL_MS_MAX)
    ) {
      const next = await this.#topic.next().catch(() => from);
      const leftMs = deadlineMs - performance.now();
      if (next > from || leftMs <= 0) return;
      await this.#pause(Math.min(pauseMs, leftMs));
    }
  }

  /** Searches backwards: offsets at the end may be those of transaction markers. */
  last(): Promise<LogRecord | undefined> {
    return this.#guarded('cannot be read', async () => {
      const { first, next } = await this.#topic.extent();
      for (let back = 2; ; back *= 2) {
        const from = Math.max(first, next - back);
        const last = await this.#lastFrom(from, next);
        if (last !== undefined || from === first) return last;
      }
    });
  }

  extent(): Promise<LogExtent> {
    return this.#guarded('cannot be read', async () => ({
      ...(await this.#topic.extent()),
      bytes: await this.#topic.storedBytes(),
    }));
  }

  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    await this.#topic.close();
  }

  async #lastFrom(from: Position, end: Position): Promise<LogRecord | undefined> {
    let last: LogRecord | undefined;
    for (let next = from; next < end; ) {
      const result = await this.#topic.read(next, LAST_BYTES);
      last = result.records.at(-1) ?? last;
      if (result.next === next) break;
      next = result.next;
    }
    return last;
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#closing.signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.#closing.signal.addEventListener('abort', done);
    });
  }

  async #guarded<T>(what: string, work: () => Promise<T>): Promise<T> {
    const { topic } = this.#topic.options;
    if (this.#closing.signal.aborted) throw new LogError('closed', `log ${topic} is closed`);
    try {
      return await work();
    } catch (error) {
      throw toLogError(topic, what, error);
    }
  }
}

/** How many bytes of records a topic holds: exactly for what this writer wrote, in proportion for what it found. */
class HeldBytes {
  readonly #steps: { from: Position; to: Position; bytes: number }[];

  constructor(to: Position, bytes: number) {
    this.#steps = bytes > 0 ? [{ from: 0, to, bytes }] : [];
  }

  get total(): number {
    return this.#steps.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  add(from: Position, to: Position, bytes: number): void {
    const last = this.#steps.at(-1);
    if (last === undefined || last.bytes + bytes > SIZE_STEP_BYTES) this.#steps.push({ from, to, bytes });
    else {
      last.bytes += bytes;
      last.to = to;
    }
  }

  trim(before: Position): void {
    while (this.#steps[0] !== undefined && this.#steps[0].to <= before) this.#steps.shift();
    const first = this.#steps[0];
    if (first === undefined || first.from >= before) return;
    first.bytes = Math.round((first.bytes * (first.to - before)) / (first.to - first.from));
    first.from = before;
  }
}

interface Pending extends WaitingAppend {
  readonly message: {
    readonly topic: string;
    readonly partition: number;
    readonly value: Buffer;
    readonly headers: Map<Buffer, Buffer>;
  };
}

/** Modes: `open`; `done`, entered when fenced or after a failed transaction; `closed`. Not left again. */
class KafkaWriter implements LogWriter {
  readonly #options: KafkaWriterOptions;
  readonly #topic: KafkaTopic;
  readonly #reading: KafkaReading;
  readonly #producer: Producer;
  readonly #watermark: Watermark;
  readonly #held: HeldBytes;
  #refusal: LogError | undefined;
  #closing: Promise<void> | undefined;
  readonly #queue = new AppendQueue<Pending>({
    bytesMax: () => GROUP_BYTES_MAX,
    commit: (group) => this.#commitOrRefuse(group),
  });

  constructor(
    options: KafkaWriterOptions,
    topic: KafkaTopic,
    producer: Producer,
    next: Position,
    bytes: number,
  ) {
    this.#options = options;
    this.#topic = topic;
    this.#reading = new KafkaReading(topic);
    this.#producer = producer;
    this.#watermark = new Watermark(next);
    this.#held = new HeldBytes(next, bytes);
  }

  append(header: RecordHeader, payload: readonly Uint8Array[]): Promise<Position> {
    const value = Buffer.concat(payload);
    const refusal = this.#refusalOf(value.length);
    if (refusal !== undefined) return Promise.reject(refusal);
    const meta = encodeMeta({ header, appendedAtMs: this.#options.clock.nowMs() }, value);
    const message = {
      topic: this.#options.topic,
      partition: PARTITION,
      value,
      headers: new Map([[META_KEY, meta]]),
    };
    return new Promise((resolve, reject) => {
      this.#queue.push({ message, bytes: value.length, resolve, reject });
    });
  }

  async trim(before: Position): Promise<void> {
    if (this.#closing !== undefined) throw this.#closedError();
    const last = await this.last();
    if (last === undefined) return;
    const { first } = await this.#topic.extent();
    const to = Math.min(before, last.position);
    if (to <= first) return;
    try {
      await this.#topic.deleteBefore(to);
      this.#held.trim(to);
    } catch (error) {
      throw toLogError(this.#options.topic, 'could not be trimmed', error);
    }
  }

  read(from: Position, bytesMax: number): Promise<ReadResult> {
    return this.#reading.read(from, bytesMax);
  }

  changed(from: Position, timeoutMs: number): Promise<void> {
    return this.#watermark.wait(from, timeoutMs);
  }

  last(): Promise<LogRecord | undefined> {
    return this.#reading.last();
  }

  async extent(): Promise<LogExtent> {
    return { ...(await this.#reading.extent()), bytes: this.#held.total };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#queue.idle();
    this.#watermark.close();
    await this.#producer.close(true);
    await this.#reading.close();
  }

  #closedError(): LogError {
    return new LogError('closed', `log ${this.#options.topic} is closed`);
  }

  #refusalOf(bytes: number): LogError | undefined {
    const {
      bytesMax = BYTES_MAX_DEFAULT,
      pendingBytesMax = PENDING_BYTES_MAX_DEFAULT,
      topic,
    } = this.#options;
    const recordBytesMax = Math.min(
      this.#options.recordBytesMax ?? RECORD_BYTES_MAX_DEFAULT,
      RECORD_BYTES_MAX_DEFAULT,
    );
    if (this.#closing !== undefined) return this.#closedError();
    if (this.#refusal !== undefined) return this.#refusal;
    if (bytes > recordBytesMax)
      return new LogError('too_large', `a record of ${bytes} bytes is over the limit of ${recordBytesMax}`);
    const busy = this.#queue.busy(topic, bytes, pendingBytesMax);
    if (busy !== undefined) return busy;
    if (this.#held.total + this.#queue.bytes + bytes <= bytesMax) return undefined;
    return new LogError('full', `log ${topic} is full: its limit of ${bytesMax} bytes is reached`);
  }

  async #commitOrRefuse(group: readonly Pending[]): Promise<void> {
    try {
      this.#acknowledge(group, await this.#commit(group));
    } catch (error) {
      this.#refuse(group, error);
    }
  }

  /** Writes a group as one batch in one transaction. Resolves with the offset of its first record. */
  async #commit(group: readonly Pending[]): Promise<Position> {
    if (this.#refusal !== undefined) throw this.#refusal;
    const transaction = await this.#producer.beginTransaction();
    const { offsets } = await transaction.send({ messages: group.map(({ message }) => message) });
    await transaction.commit();
    const first = offsets?.[0]?.offset;
    if (first === undefined) throw new Error('the broker did not say where it stored the records');
    return Number(first);
  }

  #acknowledge(group: readonly Pending[], first: Position): void {
    const next = first + group.length;
    let bytes = 0;
    for (const pending of group) bytes += pending.bytes;
    this.#held.add(first, next, bytes);
    this.#topic.committedTo(next);
    this.#watermark.advance(next);
    this.#queue.resolve(group, first);
  }

  /** Every failed transaction ends this writer: whether it was committed may be unknown. */
  #refuse(group: readonly Pending[], error: unknown): void {
    const { topic } = this.#options;
    this.#refusal ??= isProtocolError(error, FENCING_ERRORS)
      ? new LogError('fenced', `log ${topic}: another writer took the topic over`, { cause: error })
      : toLogError(topic, 'writing failed', error);
    this.#queue.reject(group, this.#refusal);
  }
}
