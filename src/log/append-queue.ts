import { LogError, type Position } from './log.ts';

/** An append that waits until it is durable. */
export interface WaitingAppend {
  readonly bytes: number;
  readonly resolve: (position: Position) => void;
  readonly reject: (error: LogError) => void;
}

/** How a writer makes appends durable. */
export interface GroupCommit<Append> {
  /** Bytes of a group whose first append has so many. The first is in it, however large it is. */
  readonly bytesMax: (firstBytes: number) => number;
  /** Makes a group durable and resolves its appends; or rejects them. Does not reject itself. */
  readonly commit: (group: readonly Append[]) => Promise<void>;
}

const GROUP_RECORDS_MAX = 4096;

/** Appends on their way to be durable: in the order in which they came, one group after the other. Its bound is that of its owner, who asks `busy` first. */
export class AppendQueue<Append extends WaitingAppend> {
  readonly #how: GroupCommit<Append>;
  #waiting: Append[] = [];
  #bytes = 0;
  #running: Promise<void> | undefined;

  constructor(how: GroupCommit<Append>) {
    this.#how = how;
  }

  /** Bytes of all that is neither resolved nor rejected. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Why so many bytes more must come later, if they must. What is larger than the bound is taken in alone. */
  busy(topic: string, bytes: number, bytesMax: number): LogError | undefined {
    return this.#bytes > 0 && this.#bytes + bytes > bytesMax
      ? new LogError('busy', `log ${topic}: ${this.#bytes} bytes wait to be written`)
      : undefined;
  }

  /** Takes an append in. */
  push(append: Append): void {
    this.#bytes += append.bytes;
    this.#waiting.push(append);
    this.#running ??= this.#run();
  }

  /** Resolves when nothing waits any more. */
  async idle(): Promise<void> {
    await this.#running;
  }

  /** Tells appends that they are durable, from this position on. */
  resolve(group: readonly Append[], first: Position): void {
    this.#letGo(group);
    group.forEach((append, at) => append.resolve(first + at));
  }

  reject(group: readonly Append[], error: LogError): void {
    this.#letGo(group);
    for (const append of group) append.reject(error);
  }

  #letGo(group: readonly Append[]): void {
    for (const { bytes } of group) this.#bytes -= bytes;
  }

  /** Starts a microtask late, so that appends called together are one group. */
  async #run(): Promise<void> {
    await Promise.resolve();
    while (this.#waiting.length > 0) await this.#how.commit(this.#takeGroup());
    this.#running = undefined;
  }

  #takeGroup(): Append[] {
    const bytesMax = this.#how.bytesMax(this.#waiting[0]?.bytes ?? 0);
    let bytes = 0;
    let count = 0;
    while (count < this.#waiting.length && count < GROUP_RECORDS_MAX) {
      bytes += this.#waiting[count]?.bytes ?? 0;
      if (bytes > bytesMax && count > 0) break;
      count += 1;
    }
    const group = this.#waiting;
    this.#waiting = group.splice(count);
    return group;
  }
}
