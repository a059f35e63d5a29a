import { isUtf8 } from 'node:buffer';
import { EventDecoder, type BatchSink, type DecodeOptions, type RejectedEvent } from './event-decoder.ts';
import { CH, HASH_SEED, JsonSyntaxError } from './json-scanner.ts';
import { byteAt } from './layout.ts';
import { keyText } from './rewrite-json.ts';
import { FIELDS } from './shapes.ts';
import { firstInvalidUtf8 } from './utf8.ts';

export { JsonSyntaxError } from './json-scanner.ts';
export type { BatchSink, DecodeOptions, RejectedEvent } from './event-decoder.ts';

/**
 * How events lie in a body. `single`: the body is one event. `ndjson`: events divided by line breaks, blank lines allowed. `batch`: by content, an array of
 * events; an envelope `{"events": [...]}`; or as `ndjson`, of which a single event is the shortest.
 */
export type Framing = 'single' | 'batch' | 'ndjson';

/** What became of a body's events. `received` = `accepted` + `rejected.length`. */
export interface DecodeResult {
  readonly received: number;
  readonly accepted: number;
  readonly rejected: readonly RejectedEvent[];
}

/** A body with more events than one request may have. Nothing of it was taken. */
export class TooManyEventsError extends Error {
  readonly limit: number;
  constructor(limit: number) {
    super(`The body has more than ${limit} events, the limit for one request. Send it in several requests.`);
    this.name = 'TooManyEventsError';
    this.limit = limit;
  }
}

const BOM = Uint8Array.of(0xef, 0xbb, 0xbf);

/** One decoder serves all bodies of a thread: decoding is synchronous and does not call out, except for new ids. */
const decoder = new EventDecoder();

/**
 * Decodes the events of a body into rows of `sink`: accepted ones to `events`, the others with reason and bytes to `refused`. JSON is judged by RFC 8259, strictly, as
 * one: unless all of the body is well-formed, nothing of it is taken, and the sink is as before.
 *
 * Throws JsonSyntaxError (also for bytes that are not UTF-8 and for an empty body) and TooManyEventsError.
 *
 * @example
 * const sink = { events: new BlockBuilder(EVENTS), refused: new BlockBuilder(REFUSED) };
 * const { accepted, rejected } = decodeEvents(body, 'batch', sink, options);
 */
export const decodeEvents = (
  body: Uint8Array,
  framing: Framing,
  sink: BatchSink,
  options: DecodeOptions,
): DecodeResult => {
  // Always the same hidden class, whether a Buffer or a Uint8Array is given: keeps the hot loops monomorphic.
  const bytes = new Uint8Array(body.buffer, body.byteOffset, body.byteLength);
  if (!isUtf8(bytes)) throw new JsonSyntaxError('The body is not UTF-8', bytes, firstInvalidUtf8(bytes));
  decoder.begin(bytes, sink, options);
  try {
    const received = new BodyReader(decoder, options.limits.requestEventsMax).read(framing);
    decoder.end();
    return { received, accepted: decoder.accepted, rejected: decoder.rejected.slice() };
  } catch (error) {
    decoder.undo();
    throw error;
  } finally {
    decoder.finish();
  }
};

/** Names that make an object of a batch an event even though it has an array of `events`. */
const TYPE_KEYS: ReadonlySet<string> = new Set(
  FIELDS.filter(({ name }) => name === 'type').flatMap(({ paths }) =>
    paths.filter((path) => !path.includes('.')),
  ),
);
const ENVELOPE_KEY = 'events';
const STOP = -1;

/** Finds the events of one body and has them decoded. */
class BodyReader {
  readonly #decoder: EventDecoder;
  readonly #bytes: Uint8Array;
  readonly #end: number;
  readonly #eventsMax: number;
  #count = 0;

  constructor(eventDecoder: EventDecoder, eventsMax: number) {
    this.#decoder = eventDecoder;
    this.#bytes = eventDecoder.scanner.bytes;
    this.#end = eventDecoder.scanner.end;
    this.#eventsMax = eventsMax;
  }

  /** Reads the whole body; returns the number of its events. */
  read(framing: Framing): number {
    const scanner = this.#decoder.scanner;
    const start = scanner.space(BOM.every((byte, index) => this.#bytes[index] === byte) ? BOM.length : 0);
    if (start >= this.#end)
      throw new JsonSyntaxError('The body is empty: expected JSON', this.#bytes, this.#end);
    if (framing === 'single') this.#mustEnd(this.#event(start));
    else if (framing === 'batch' && this.#bytes[start] === CH.openArray) this.#mustEnd(this.#array(start));
    else if (framing !== 'batch' || !this.#envelope(start)) this.#lines(start);
    return this.#count;
  }

  #event(at: number): number {
    if (this.#count >= this.#eventsMax) throw new TooManyEventsError(this.#eventsMax);
    return this.#decoder.event(at, this.#count++);
  }

  #mustEnd(at: number): void {
    const rest = this.#decoder.scanner.space(at);
    if (rest < this.#end) throw this.#decoder.scanner.error(rest, 'the end of the body');
  }

  #array(start: number): number {
    const scanner = this.#decoder.scanner;
    let at = scanner.space(start + 1);
    if (at < this.#end && this.#bytes[at] === CH.closeArray) return at + 1;
    for (;;) {
      at = scanner.space(this.#event(at));
      const byte = at < this.#end ? byteAt(this.#bytes, at) : -1;
      if (byte === CH.closeArray) return at + 1;
      if (byte !== CH.comma) throw scanner.error(at, '"," or "]"');
      at = scanner.space(at + 1);
    }
  }

  #lines(start: number): void {
    let at = start;
    for (;;) {
      const end = this.#event(at);
      at = this.#decoder.scanner.space(end);
      if (at >= this.#end) return;
      const line = this.#bytes.indexOf(CH.newline, end);
      if (line < 0 || line > at) throw this.#decoder.scanner.error(at, 'a line break between events');
    }
  }

  /**
   * Decodes the body as an envelope and says whether it is one: an object that is the whole body, with an array of `events`, and without a type of its own. Takes it for
   * one as soon as `events` comes, so that an envelope is read only once, and takes the rows back if it turns out to be something else.
   */
  #envelope(start: number): boolean {
    const scanner = this.#decoder.scanner;
    if (this.#bytes[start] !== CH.openObject) return false;
    let hasEvents = false;
    let tooMany: TooManyEventsError | undefined;
    const end = this.#members(start, (key, valueStart) => {
      if (TYPE_KEYS.has(key)) return STOP;
      if (key !== ENVELOPE_KEY || this.#bytes[valueStart] !== CH.openArray || tooMany !== undefined)
        return scanner.value(valueStart);
      hasEvents = true;
      try {
        return this.#array(valueStart);
      } catch (error) {
        if (!(error instanceof TooManyEventsError)) throw error;
        tooMany = error;
        return scanner.value(valueStart);
      }
    });
    const isEnvelope = end !== STOP && hasEvents && scanner.space(end) >= this.#end;
    if (isEnvelope && tooMany !== undefined) throw tooMany;
    if (!isEnvelope) this.#restart();
    return isEnvelope;
  }

  #restart(): void {
    if (this.#count === 0) return;
    this.#decoder.undo();
    this.#count = 0;
  }

  /** Calls `visit` for each member of an object; it returns the offset after the value, or STOP, which is then returned. */
  #members(start: number, visit: (key: string, valueStart: number) => number): number {
    const scanner = this.#decoder.scanner;
    let at = scanner.space(start + 1);
    if (at < this.#end && this.#bytes[at] === CH.closeObject) return at + 1;
    for (;;) {
      const valueStart = scanner.key(at, HASH_SEED, 0);
      const key = keyText(Buffer.from(this.#bytes.subarray(at, scanner.keyEnd + 1)).toString('utf8'));
      const end = visit(key, valueStart);
      if (end === STOP) return STOP;
      at = scanner.space(end);
      const byte = at < this.#end ? byteAt(this.#bytes, at) : -1;
      if (byte === CH.closeObject) return at + 1;
      if (byte !== CH.comma) throw scanner.error(at, '"," or "}"');
      at = scanner.space(at + 1);
    }
  }
}
