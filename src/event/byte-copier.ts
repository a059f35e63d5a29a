import { viewOf } from './layout.ts';

const WORD_BYTES = 4;
/** From this many bytes on, words are worth the view that they need. */
const WORDS_BYTES_MIN = 4;
/** From this many bytes on, a native copy is worth its call. */
const NATIVE_BYTES_MIN = 512;
const NOTHING = new Uint8Array(0);
const NOTHING_VIEW = viewOf(NOTHING);

/**
 * Copies short stretches of bytes. Measured on Node 26: byte by byte 0.55 ns a byte, by words 0.23, a native `set` of a `subarray` about 65 ns a call.
 * Remembers the last two sources, because most stretches come from one body.
 */
export class ByteCopier {
  #source: Uint8Array = NOTHING;
  #view = NOTHING_VIEW;
  /** The source before that: a body's bytes alternate with those of a constant. */
  #otherSource: Uint8Array = NOTHING;
  #otherView = NOTHING_VIEW;

  /** Copies `source[start..end)` to `target[at..)`, which `targetView` is a view of from the same origin. The two must not overlap. */
  copy(
    source: Uint8Array,
    start: number,
    end: number,
    target: Uint8Array,
    targetView: DataView,
    at: number,
  ): void {
    const size = end - start;
    if (size < WORDS_BYTES_MIN) {
      for (let index = 0; index < size; index++) target[at + index] = source[start + index] as number;
    } else if (size < NATIVE_BYTES_MIN) this.#copyWords(source, start, end, targetView, at);
    else target.set(source.subarray(start, end), at);
  }

  /** Lets go of the last sources. */
  forget(): void {
    this.#source = NOTHING;
    this.#view = NOTHING_VIEW;
    this.#otherSource = NOTHING;
    this.#otherView = NOTHING_VIEW;
  }

  #copyWords(source: Uint8Array, start: number, end: number, targetView: DataView, at: number): void {
    const view = source === this.#source ? this.#view : this.#viewFor(source);
    const last = end - WORD_BYTES;
    const shift = at - start;
    for (let from = start; from < last; from += WORD_BYTES)
      targetView.setInt32(from + shift, view.getInt32(from, true), true);
    // The last word may overlap the one before it: no byte beyond the end is touched.
    targetView.setInt32(last + shift, view.getInt32(last, true), true);
  }

  #viewFor(source: Uint8Array): DataView {
    const view = source === this.#otherSource ? this.#otherView : viewOf(source);
    this.#otherSource = this.#source;
    this.#otherView = this.#view;
    this.#source = source;
    this.#view = view;
    return view;
  }
}
