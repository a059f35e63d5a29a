import type { Clock } from '../../lib/clock.ts';
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

/** A topic in memory: for tests and tools. "Durable" means: as long as the topic object lives. */

export interface MemoryTopicOptions {
  readonly clock: Clock;
  readonly bytesMax?: number;
  readonly pendingBytesMax?: number;
  readonly recordBytesMax?: number;
}

/** A topic that writers and readers can be opened on; what was appended stays when they are closed. */
export interface MemoryTopic {
  /** Fences the writer opened before. */
  openWriter(): Promise<LogWriter>;
  openReader(): Promise<LogReader>;
}

interface State {
  readonly options: MemoryTopicOptions;
  records: LogRecord[];
  /** Position of `records[0]`. */
  first: Position;
  bytes: number;
  epoch: number;
  readonly watermark: Watermark;
}

/** Makes an empty topic. */
export const createMemoryTopic = (options: MemoryTopicOptions): MemoryTopic => {
  const state: State = { options, records: [], first: 0, bytes: 0, epoch: 0, watermark: new Watermark(0) };
  return {
    openWriter: () => {
      state.epoch += 1;
      return Promise.resolve(new MemoryWriter(state, state.epoch));
    },
    openReader: () => Promise.resolve(new MemoryReader(state)),
  };
};

/** A writer on a topic of its own. */
export const createMemoryLog = (options: MemoryTopicOptions): LogWriter => {
  const watermark = new Watermark(0);
  return new MemoryWriter({ options, records: [], first: 0, bytes: 0, epoch: 1, watermark }, 1);
};

class MemoryReader implements LogReader {
  protected readonly state: State;
  protected closed = false;
  readonly #closing = new AbortController();

  constructor(state: State) {
    this.state = state;
  }

  read(from: Position, bytesMax: number): Promise<ReadResult> {
    if (this.closed) return Promise.reject(closedError());
    const { first } = this.state;
    const gaps =
      from < first ? [{ from, to: first, detail: `before the first position kept, ${first}: trimmed` }] : [];
    const start = Math.max(from, first);
    const records: LogRecord[] = [];
    let bytes = 0;
    for (let at = start - first; at < this.state.records.length; at += 1) {
      const record = this.state.records[at];
      if (record === undefined) break;
      bytes += record.payload.length;
      if (records.length > 0 && bytes > bytesMax) break;
      records.push(record);
    }
    const end = first + this.state.records.length;
    return Promise.resolve({ records, gaps, next: start + records.length, end });
  }

  async changed(from: Position, timeoutMs: number): Promise<void> {
    if (this.closed) return;
    await this.state.watermark.wait(from, timeoutMs, this.#closing.signal);
  }

  last(): Promise<LogRecord | undefined> {
    return this.closed ? Promise.reject(closedError()) : Promise.resolve(this.state.records.at(-1));
  }

  extent(): Promise<LogExtent> {
    if (this.closed) return Promise.reject(closedError());
    const { first, records, bytes } = this.state;
    return Promise.resolve({ first, next: first + records.length, bytes });
  }

  close(): Promise<void> {
    this.closed = true;
    this.#closing.abort();
    return Promise.resolve();
  }
}

const closedError = (): LogError => new LogError('closed', 'the log is closed');

class MemoryWriter extends MemoryReader implements LogWriter {
  readonly #epoch: number;
  #pendingBytes = 0;

  constructor(state: State, epoch: number) {
    super(state);
    this.#epoch = epoch;
  }

  async append(header: RecordHeader, parts: readonly Uint8Array[]): Promise<Position> {
    const payload = new Uint8Array(Buffer.concat(parts));
    const refusal = this.#refusal(payload.length);
    if (refusal !== undefined) throw refusal;
    this.#pendingBytes += payload.length;
    await new Promise<void>((resolve) => setImmediate(resolve));
    this.#pendingBytes -= payload.length;
    if (this.state.epoch !== this.#epoch) throw fencedError();
    const { records, first, options, watermark } = this.state;
    const position = first + records.length;
    records.push({ position, appendedAtMs: options.clock.nowMs(), header, payload });
    this.state.bytes += payload.length;
    watermark.advance(position + 1);
    return position;
  }

  trim(before: Position): Promise<void> {
    if (this.closed) return Promise.reject(closedError());
    const count = Math.max(0, Math.min(before - this.state.first, this.state.records.length - 1));
    for (const record of this.state.records.splice(0, count)) this.state.bytes -= record.payload.length;
    this.state.first += count;
    return Promise.resolve();
  }

  #refusal(bytes: number): LogError | undefined {
    const { bytesMax = Infinity, pendingBytesMax = Infinity, recordBytesMax = Infinity } = this.state.options;
    if (this.closed) return closedError();
    if (this.state.epoch !== this.#epoch) return fencedError();
    if (bytes > recordBytesMax)
      return new LogError('too_large', `a record of ${bytes} bytes is over the limit of ${recordBytesMax}`);
    if (this.#pendingBytes > 0 && this.#pendingBytes + bytes > pendingBytesMax) {
      return new LogError('busy', `${this.#pendingBytes} bytes wait to be written`);
    }
    if (this.state.bytes + this.#pendingBytes + bytes <= bytesMax) return undefined;
    return new LogError('full', `the topic's limit of ${bytesMax} bytes is reached`);
  }
}

const fencedError = (): LogError => new LogError('fenced', 'another writer took the topic over');
