/** A buffer holds this many words, or one frame if that is larger. */
const CHUNK_WORDS = 256 * 1024;
/** Emptied buffers that are kept: one is filled while another is written. */
const SPARE_MAX = 2;

interface Chunk {
  readonly words: Uint32Array<ArrayBuffer>;
  used: number;
}

/** Frames one behind another in a few large buffers, which are filled again once they are written: buffers of their own would be 20 MB/s of garbage at 1 M entries/s. */
export class FrameBuffer {
  #chunks: Chunk[] = [];
  readonly #spare: Uint32Array<ArrayBuffer>[] = [];
  #bytes = 0;

  /** Bytes of the frames in it. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Room for a frame of up to `count` words, all of whose words are to be written. Then `keep`. */
  room(count: number): Uint32Array<ArrayBuffer> {
    const last = this.#chunks.at(-1);
    if (last !== undefined && last.used + count <= last.words.length) return last.words.subarray(last.used);
    const spare = count <= CHUNK_WORDS ? this.#spare.pop() : undefined;
    const words = spare ?? new Uint32Array(Math.max(count, CHUNK_WORDS));
    this.#chunks.push({ words, used: 0 });
    return words;
  }

  /** The room last given holds a frame of `count` words. */
  keep(count: number): void {
    const last = this.#chunks.at(-1);
    if (last === undefined) return;
    last.used += count;
    this.#bytes += count * 4;
  }

  /** Has all frames written, and takes others meanwhile. */
  async drain(write: (parts: Uint8Array[]) => Promise<void>): Promise<void> {
    const chunks = this.#chunks;
    this.clear();
    const parts = chunks.map(({ words, used }) => new Uint8Array(words.buffer, 0, used * 4));
    if (parts.length > 0) await write(parts);
    for (const { words } of chunks)
      if (words.length === CHUNK_WORDS && this.#spare.length < SPARE_MAX) this.#spare.push(words);
  }

  /** Forgets all frames. */
  clear(): void {
    this.#chunks = [];
    this.#bytes = 0;
  }
}
