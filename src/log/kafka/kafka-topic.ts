import { Admin, type BaseOptions, Consumer, type KafkaRecord, type RecordsBatch } from '@platformatic/kafka';
import { LogError, type LogGap, type LogRecord, type Position, type ReadResult } from '../log.ts';
import { decodeMeta, META_KEY } from './record-codec.ts';

/** Reading and administering one topic of one partition. */

export const PARTITION = 0;
const READ_COMMITTED = 1;
const LATEST = -1n;
const EARLIEST = -2n;
/** The header of a batch takes less than this. */
const FETCH_BYTES_MIN = 1024 * 1024;
const FETCH_WAIT_MS = 500;
/** Some 3 s in all: short at first, because a transaction is refused (CONCURRENT_TRANSACTIONS) until the markers of the one before are written. */
const RETRIES = 20;
const RETRY_DELAY_MS_MIN = 2;
const RETRY_DELAY_MS_MAX = 250;
/** How long a reader waits for the broker to show what it is known to have committed. */
const SHOW_TIMEOUT_MS = 10_000;
const SHOW_POLL_MS = 2;
const CONNECT_TIMEOUT_MS = 5000;
const REQUEST_TIMEOUT_MS = 30_000;
/** A batch may be this long: as long as a broker's socket takes by default, less something for the request around it. */
const MESSAGE_BYTES_MAX = 96 * 1024 * 1024;
const ATTRIBUTE_TRANSACTIONAL = 0x10;
const ATTRIBUTE_CONTROL = 0x20;
const CONTROL_ABORT = 0;

/** Which topic, and where. */
export interface KafkaOptions {
  /** host:port of some of the brokers. */
  readonly brokers: readonly string[];
  readonly topic: string;
  /** Copies of a topic that is made here. One: then each commit is flushed to the broker's disk; more: they are what makes it durable, with `min.insync.replicas`. */
  readonly replicas?: number;
}

/** Options that every client is made with. */
export const clientOptions = (options: KafkaOptions, role: string): BaseOptions => ({
  clientId: `aevum-${role}`,
  bootstrapBrokers: [...options.brokers],
  retries: RETRIES,
  retryDelay: (_client, _operation, attempt) =>
    Math.min(RETRY_DELAY_MS_MAX, RETRY_DELAY_MS_MIN * 2 ** attempt),
  connectTimeout: CONNECT_TIMEOUT_MS,
  requestTimeout: REQUEST_TIMEOUT_MS,
  autocreateTopics: false,
});

/** Whether an error of the client, or one inside it, is one of these protocol errors. */
export const isProtocolError = (error: unknown, ids: readonly string[]): boolean => {
  if (!(error instanceof Error)) return false;
  if ('apiId' in error && ids.includes(String(error.apiId))) return true;
  if (error instanceof AggregateError && error.errors.some((inner: unknown) => isProtocolError(inner, ids)))
    return true;
  return error.cause !== undefined && isProtocolError(error.cause, ids);
};

interface Fetched {
  readonly batches: readonly RecordsBatch[];
  /** Of each producer, where transactions begin that were aborted. */
  readonly aborted: readonly { readonly producerId: bigint; readonly firstOffset: bigint }[];
}

/** A topic, read through one connection; requests are made one after another, because a fetch session has one state. */
export class KafkaTopic {
  readonly options: KafkaOptions;
  readonly #admin: Admin;
  readonly #consumer: Consumer;
  #turn: Promise<unknown> = Promise.resolve();
  #committed: Position = 0;

  constructor(options: KafkaOptions) {
    this.options = options;
    this.#admin = new Admin(clientOptions(options, 'admin'));
    this.#consumer = new Consumer({ ...clientOptions(options, 'reader'), groupId: `aevum-${options.topic}` });
  }

  /** The writer of this process has committed what is before `next`: reads wait for it to show, as a transaction is acknowledged a little before it can be read. */
  committedTo(next: Position): void {
    this.#committed = Math.max(this.#committed, next);
  }

  /** Makes the topic, unless it exists: one partition, kept until trimmed. */
  async create(): Promise<void> {
    const { topic, replicas = 1 } = this.options;
    const configs = [
      { name: 'cleanup.policy', value: 'delete' },
      { name: 'retention.ms', value: '-1' },
      { name: 'retention.bytes', value: '-1' },
      { name: 'max.message.bytes', value: `${MESSAGE_BYTES_MAX}` },
      ...(replicas === 1 ? [{ name: 'flush.messages', value: '1' }] : []),
    ];
    try {
      await this.#admin.createTopics({ topics: [topic], partitions: 1, replicas, configs });
    } catch (error) {
      if (!isProtocolError(error, ['TOPIC_ALREADY_EXISTS'])) throw error;
    }
  }

  /** The first offset kept, and the one after the last that is committed. */
  extent(): Promise<{ readonly first: Position; readonly next: Position }> {
    return this.#inTurn(async () => ({
      first: await this.#offsetAt(EARLIEST),
      next: await this.#end(),
    }));
  }

  next(): Promise<Position> {
    return this.#inTurn(() => this.#end());
  }

  /** Bytes on the disk of the broker that leads the partition. */
  async storedBytes(): Promise<number> {
    const { topic } = this.options;
    const brokers = await this.#admin.describeLogDirs({ topics: [{ name: topic, partitions: [PARTITION] }] });
    let bytes = 0;
    for (const { results } of brokers) {
      for (const result of results) {
        for (const stored of result.topics) {
          if (stored.name === topic)
            for (const { partitionSize } of stored.partitions) bytes = Math.max(bytes, Number(partitionSize));
        }
      }
    }
    return bytes;
  }

  async deleteBefore(position: Position): Promise<void> {
    const partitions = [{ partition: PARTITION, offset: BigInt(position) }];
    await this.#admin.deleteRecords({ topics: [{ name: this.options.topic, partitions }] });
  }

  /** Committed records from `from` on. */
  read(from: Position, bytesMax: number): Promise<ReadResult> {
    return this.#inTurn(async () => {
      const [first, next] = [await this.#offsetAt(EARLIEST), await this.#end()];
      const gaps: LogGap[] = [];
      let start = from;
      if (from < first) {
        start = first;
        gaps.push({
          from,
          to: first,
          detail: `before the first offset kept of ${this.options.topic}, ${first}: trimmed`,
        });
      }
      if (start >= next) return { records: [], gaps, next: start, end: next };
      return this.#collect(await this.#fetch(start, bytesMax), start, next, bytesMax, gaps);
    });
  }

  async close(): Promise<void> {
    await Promise.all([this.#admin.close(), this.#consumer.close(true)]);
  }

  #collect(fetched: Fetched, from: Position, end: Position, bytesMax: number, gaps: LogGap[]): ReadResult {
    const records: LogRecord[] = [];
    let next = from;
    let bytes = 0;
    for (const { offset, record, batchEnd } of committedRecords(fetched)) {
      if (offset < from) continue;
      if (offset >= end) break;
      if (record !== undefined) {
        const value = record.value ?? Buffer.alloc(0);
        if (records.length > 0 && bytes + value.length > bytesMax) return { records, gaps, next, end };
        const meta = decodeMeta(metaOf(record), value);
        if (typeof meta === 'string')
          gaps.push({
            from: offset,
            to: offset + 1,
            detail: `${this.options.topic} at offset ${offset}: ${meta}`,
          });
        else records.push({ position: offset, ...meta, payload: value });
        bytes += value.length;
      }
      next = Math.max(next, batchEnd ?? offset + 1);
    }
    return { records, gaps, next, end };
  }

  async #fetch(from: Position, bytesMax: number): Promise<Fetched> {
    const { topic } = this.options;
    const metadata = await this.#consumer.metadata({ topics: [topic] });
    const found = metadata.topics.get(topic);
    const leader = found?.partitions[PARTITION];
    if (found === undefined || leader === undefined)
      throw new Error(`Kafka does not know the topic ${topic}`);
    const partitionMaxBytes = Math.max(FETCH_BYTES_MIN, Math.min(bytesMax, MESSAGE_BYTES_MAX));
    const partition = {
      partition: PARTITION,
      currentLeaderEpoch: -1,
      fetchOffset: BigInt(from),
      lastFetchedEpoch: -1,
      partitionMaxBytes,
    };
    const response = await this.#consumer.fetch({
      node: leader.leader,
      topics: [{ topicId: found.id, partitions: [partition] }],
      minBytes: 1,
      maxBytes: partitionMaxBytes,
      maxWaitTime: FETCH_WAIT_MS,
      isolationLevel: READ_COMMITTED,
    });
    const partitions = response.responses.flatMap((answer) => answer.partitions);
    return {
      batches: partitions.flatMap(({ records }) => records ?? []),
      aborted: partitions.flatMap(({ abortedTransactions }) => abortedTransactions ?? []),
    };
  }

  /** The offset after the last committed record. */
  async #end(): Promise<Position> {
    const deadlineMs = performance.now() + SHOW_TIMEOUT_MS;
    for (;;) {
      const end = await this.#offsetAt(LATEST);
      if (end >= this.#committed || performance.now() > deadlineMs) return end;
      await new Promise((resolve) => setTimeout(resolve, SHOW_POLL_MS));
    }
  }

  async #offsetAt(timestamp: bigint): Promise<Position> {
    const { topic } = this.options;
    const topics = [{ name: topic, partitions: [{ partitionIndex: PARTITION, timestamp }] }];
    const [listed] = await this.#admin.listOffsets({ topics, isolationLevel: READ_COMMITTED });
    const offset = listed?.partitions[0]?.offset;
    if (offset === undefined) throw new Error(`Kafka did not answer where ${topic} ends`);
    return Number(offset);
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => undefined);
    return result;
  }
}

const metaOf = (record: KafkaRecord): Buffer | undefined =>
  record.headers.find(([key]) => key?.equals(META_KEY) === true)?.[1] ?? undefined;

interface Step {
  readonly offset: Position;
  /** Undefined: nothing to be read here (a control record, or one of an aborted transaction). */
  readonly record?: KafkaRecord;
  /** Set at the end of a batch: where the next one begins at the earliest. */
  readonly batchEnd?: Position;
}

/** The records of batches but those of aborted transactions: the broker only says which those are, reading over them is up to the client (KIP-98). */
function* committedRecords({ batches, aborted }: Fetched): Generator<Step> {
  const waiting = [...aborted].toSorted((a, b) => Number(a.firstOffset - b.firstOffset));
  const abortedNow = new Set<bigint>();
  for (const batch of batches) {
    const batchEnd = Number(batch.firstOffset) + batch.lastOffsetDelta + 1;
    while (waiting[0] !== undefined && Number(waiting[0].firstOffset) < batchEnd) {
      abortedNow.add(waiting[0].producerId);
      waiting.shift();
    }
    const isControl = (batch.attributes & ATTRIBUTE_CONTROL) !== 0;
    const isAborted = (batch.attributes & ATTRIBUTE_TRANSACTIONAL) !== 0 && abortedNow.has(batch.producerId);
    if (isControl && isAbortMarker(batch)) abortedNow.delete(batch.producerId);
    if (!isControl && !isAborted) {
      for (const record of batch.records)
        yield { offset: Number(batch.firstOffset) + record.offsetDelta, record };
    }
    yield { offset: batchEnd - 1, batchEnd };
  }
}

const isAbortMarker = (batch: RecordsBatch): boolean =>
  batch.records[0]?.key?.readInt16BE(2) === CONTROL_ABORT;

/** What an error of the client is to users of the log. */
export const toLogError = (topic: string, what: string, error: unknown): LogError =>
  error instanceof LogError
    ? error
    : new LogError(
        'failed',
        `log ${topic} (Kafka): ${what}: ${error instanceof Error ? error.message : String(error)}`,
        { cause: error },
      );
