import type { BlockBuilder, BuilderMark } from './block-builder.ts';
import { columnIndex, EVENTS, type REFUSED, REFUSED_COLUMN } from './columns.ts';
import { parseDecimal } from './decimal.ts';
import { staleness } from './freshness.ts';
import { byteAt } from './layout.ts';
import {
  CH,
  hashOf,
  JsonScanner,
  KIND,
  KIND_NAMES,
  type Kind,
  SITES,
  SITES_PER_OBJECT,
} from './json-scanner.ts';
import { type EventLimits, STALE_BODIES_KEPT_MAX, TOO_LARGE_BODY_KEPT_BYTES } from './limits.ts';
import { type ReasonCode, REASONS } from './outcome.ts';
import { PropertyPieces } from './property-pieces.ts';
import {
  type Entry,
  ROOT_SCOPE,
  type Scope,
  type Slot,
  SLOTS,
  SLOT_SCOPES,
  TARGET_COLUMNS,
  targetIndex,
} from './shape-tables.ts';
import { FIELDS } from './shapes.ts';
import { parseEpochMs, parseIsoMs, timestampProblem } from './timestamp.ts';
import { unescapeJson } from './unescape.ts';

/** Where decoded rows go. */
export interface BatchSink {
  readonly events: BlockBuilder<typeof EVENTS>;
  readonly refused: BlockBuilder<typeof REFUSED>;
}

/** What decoding depends on besides the bytes. */
export interface DecodeOptions {
  readonly project: string;
  readonly receivedAtMs: number;
  /** Oldest age that is accepted; null: any (a declared backfill). */
  readonly staleMs: number | null;
  /** Furthest future that is accepted; null: any. */
  readonly futureMs: number | null;
  readonly limits: EventLimits;
  /** Makes the id of an event that has none. */
  readonly newId: () => string;
}

/** An event of the body that was not accepted. */
export interface RejectedEvent {
  /** Place in the body, from 0. */
  readonly index: number;
  /** The client's id, or null when there is none to be read. */
  readonly id: string | null;
  readonly code: ReasonCode;
  readonly message: string;
}

interface Refusal {
  readonly code: ReasonCode;
  readonly detail: string;
}

const EVENT_COLUMN = {
  project: columnIndex(EVENTS, 'project'),
  id: columnIndex(EVENTS, 'id'),
  time: columnIndex(EVENTS, 'time'),
  receivedAt: columnIndex(EVENTS, 'received_at'),
  properties: columnIndex(EVENTS, 'properties'),
} as const;

const TARGET = {
  id: targetIndex('id'),
  type: targetIndex('type'),
  timestamp: targetIndex('timestamp'),
} as const;

const SCRATCH_BYTES_MIN = 1024;
/** Of a wrong value, this many characters are shown in a message. */
const SHOWN_CHARACTERS_MAX = 80;
const CURRENCY_BYTES = 3;
const NO_SLOT = -1;
/**
 * What is noted of a slot: the kind of value (`KIND.absent`: it did not occur; `KIND.null`: null or an empty string, which is as good as absent), where its text
 * begins and ends (strings without their quotes), and where its key does.
 */
const SPAN = { kind: 0, start: 1, end: 2, keyStart: 3, keyEnd: 4 } as const;
const SPAN_NUMBERS = 8;

/**
 * Decodes events of one body after the other into rows: `begin` a body, then `event` for each. Scans an event once, noting where its fields lie, then
 * writes them to the columns straight from the body's bytes. One a thread; keeps its scratch memory between bodies.
 */
export class EventDecoder {
  readonly scanner = new JsonScanner();
  readonly rejected: RejectedEvent[] = [];
  #accepted = 0;
  #options: DecodeOptions | undefined;
  #sink: BatchSink | undefined;
  /** The sink before the body. */
  #eventsMark: BuilderMark | undefined;
  #refusedMark: BuilderMark | undefined;
  #project: Uint8Array = new Uint8Array(0);
  #projectText = '';
  #staleBodies = 0;

  readonly #pieces = new PropertyPieces();
  /** By slot, `SPAN_NUMBERS` each: what was found there last. See `SPAN`. */
  readonly #spans = new Int32Array(SLOTS.length * SPAN_NUMBERS);
  /** The slots that occurred, in order of occurrence. */
  readonly #seen = new Uint8Array(SLOTS.length);
  #seenCount = 0;
  /** A field occurred more than once: which of its slots wins has to be found out. */
  #isContested = false;
  /** By field: the slot it is taken from. */
  readonly #winners = new Int8Array(FIELDS.length).fill(NO_SLOT);
  /** By site: what the key found last there means. */
  readonly #entries: (Entry | undefined)[] = Array.from({ length: SITES }, () => undefined);
  /** A container that is no object. */
  #misplaced: Refusal | undefined;
  #scratch = new Uint8Array(SCRATCH_BYTES_MIN);
  /** Where `#plainText` left a text. */
  #textBytes: Uint8Array = this.#scratch;
  #textStart = 0;
  #textEnd = 0;
  #timeMs = 0;

  get accepted(): number {
    return this.#accepted;
  }

  /** Begins a body. */
  begin(bytes: Uint8Array, sink: BatchSink, options: DecodeOptions): void {
    this.scanner.open(bytes);
    this.#sink = sink;
    this.#options = options;
    this.#eventsMark = sink.events.mark();
    this.#refusedMark = sink.refused.mark();
    this.rejected.length = 0;
    this.#accepted = 0;
    this.#staleBodies = 0;
    if (options.project !== this.#projectText) {
      this.#projectText = options.project;
      this.#project = new Uint8Array(Buffer.from(options.project, 'utf8'));
    }
  }

  /** Ends the body: sets the columns that are the same in all of its rows. */
  end(): void {
    const events = this.#sink?.events;
    events?.repeatString(EVENT_COLUMN.project, this.#project);
    events?.repeatInt64(EVENT_COLUMN.receivedAt, this.#options?.receivedAtMs ?? 0);
  }

  /** Takes back all rows of the body. */
  undo(): void {
    if (this.#eventsMark !== undefined) this.#sink?.events.restore(this.#eventsMark);
    if (this.#refusedMark !== undefined) this.#sink?.refused.restore(this.#refusedMark);
    this.rejected.length = 0;
    this.#accepted = 0;
    this.#staleBodies = 0;
  }

  /** Lets go of the body. */
  finish(): void {
    this.scanner.close();
    this.#pieces.forget();
    this.#textBytes = this.#scratch;
    this.#sink = undefined;
    this.#options = undefined;
  }

  /** Decodes the value at `start` as the event number `index` of the body; returns the offset after it. Throws JsonSyntaxError. */
  event(start: number, index: number): number {
    const scanner = this.scanner;
    this.#reset();
    const isObject = start < scanner.end && scanner.bytes[start] === CH.openObject;
    const end = isObject ? this.#scope(ROOT_SCOPE, start, 1) : scanner.value(start);
    const sink = this.#sink as BatchSink;
    const options = this.#options as DecodeOptions;
    const refusal = isObject
      ? this.#judge(sink.events, options, end - start)
      : refuse('not_an_object', `An event must be a JSON object, not ${KIND_NAMES[scanner.kind]}.`);
    if (refusal === undefined) {
      sink.events.endRow();
      this.#accepted++;
    } else this.#refuse(refusal, sink, options, index, start, end);
    return end;
  }

  #reset(): void {
    for (let index = 0; index < this.#seenCount; index++) {
      const slot = this.#seen[index] as number;
      this.#spans[slot * SPAN_NUMBERS] = KIND.absent;
      this.#winners[(SLOTS[slot] as Slot).target] = NO_SLOT;
    }
    this.#seenCount = 0;
    this.#pieces.reset();
    this.#misplaced = undefined;
    this.#isContested = false;
    this.scanner.care = false;
    this.scanner.depth = 0;
    this.scanner.base = 0;
  }

  // --- Scanning -----------------------------------------------------------

  /** The members of an object that is looked into; `level` is its depth. */
  #scope(scope: Scope, start: number, level: number): number {
    const scanner = this.scanner;
    const bytes = scanner.bytes;
    if (level > scanner.depth) scanner.depth = level;
    scanner.base = level;
    let at = scanner.space(start + 1);
    if (bytes[at] === CH.closeObject) return at + 1;
    const lastSite = scope.firstSite + SITES_PER_OBJECT - 1;
    for (let site = scope.firstSite; ; site = site < lastSite ? site + 1 : lastSite) {
      const keyStart = at + 1;
      const valueStart = scanner.key(at, scope.seed, site);
      const keyEnd = scanner.keyEnd;
      if (!scanner.keyGuessed) this.#entries[site] = this.#entryOf(scope, keyStart, keyEnd);
      const entry = this.#entries[site];
      at =
        entry === undefined
          ? this.#property(scope, keyStart, keyEnd, valueStart)
          : this.#known(entry, scope, keyStart, keyEnd, valueStart, level);
      if (at < scanner.end && (bytes[at] as number) <= CH.space) at = scanner.space(at);
      const byte = at < scanner.end ? (bytes[at] as number) : -1;
      if (byte === CH.closeObject) return at + 1;
      if (byte !== CH.comma) throw scanner.error(at, '"," or "}"');
      at++;
      if (at < scanner.end && bytes[at] !== CH.quote) at = scanner.space(at);
    }
  }

  /** What the key last scanned means in `scope`. */
  #entryOf(scope: Scope, keyStart: number, keyEnd: number): Entry | undefined {
    const { bytes, keyEscaped, keyHash } = this.scanner;
    if (!keyEscaped) return scope.keys.find(keyHash, bytes, keyStart, keyEnd);
    const size = this.#unescape(keyStart, keyEnd);
    return scope.keys.find(hashOf(this.#scratch.subarray(0, size), scope.seed), this.#scratch, 0, size);
  }

  #property(scope: Scope, keyStart: number, keyEnd: number, valueStart: number): number {
    const hash = this.scanner.keyHash;
    const end = this.scanner.value(valueStart);
    this.#pieces.add(scope, hash, keyStart, keyEnd, valueStart, end);
    return end;
  }

  #known(
    entry: Entry,
    scope: Scope,
    keyStart: number,
    keyEnd: number,
    valueStart: number,
    level: number,
  ): number {
    const scanner = this.scanner;
    const { slot, scope: inner } = entry;
    if (inner !== undefined && valueStart < scanner.end && scanner.bytes[valueStart] === CH.openObject)
      return this.#container(inner, valueStart, level);
    const hash = scanner.keyHash;
    const end = scanner.value(valueStart);
    const kind = scanner.kind;
    if (slot !== undefined && !(slot.lenient && isWrong(slot, kind)))
      this.#note(slot, kind, keyStart, keyEnd, valueStart, end);
    else if (slot === undefined && kind === KIND.null) return end;
    else if (slot === undefined && inner?.strict === true)
      this.#misplaced ??= refuse(
        'invalid_field',
        `"${inner.path}" must be an object, not ${KIND_NAMES[kind]}.`,
      );
    else this.#pieces.add(scope, hash, keyStart, keyEnd, valueStart, end);
    return end;
  }

  #container(inner: Scope, start: number, level: number): number {
    const before = this.#pieces.count;
    const end = this.#scope(inner, start, level + 1);
    this.scanner.base = level;
    if (inner.verbatim) this.#pieces.addWhole(start, end, this.#pieces.count - before);
    return end;
  }

  /** Notes what lies in a slot; of a key that occurs twice, the last. */
  #note(slot: Slot, kind: Kind, keyStart: number, keyEnd: number, start: number, end: number): void {
    const number = slot.number;
    const spans = this.#spans;
    const at = number * SPAN_NUMBERS;
    const quotes = kind === KIND.string || kind === KIND.escaped ? 1 : 0;
    const isAbsent = kind === KIND.null || (quotes === 1 && end - start === 2);
    const isSeen = spans[at] !== KIND.absent;
    spans[at] = isAbsent ? KIND.null : kind;
    spans[at + SPAN.start] = start + quotes;
    spans[at + SPAN.end] = end - quotes;
    spans[at + SPAN.keyStart] = keyStart;
    spans[at + SPAN.keyEnd] = keyEnd;
    if (isSeen || this.#winners[slot.target] !== NO_SLOT) this.#isContested = true;
    if (!isAbsent) this.#winners[slot.target] = number;
    if (!isSeen) this.#seen[this.#seenCount++] = number;
  }

  // --- Judging ------------------------------------------------------------

  /** Decides on the scanned event and writes its columns; a refusal leaves the row unfinished. */
  #judge(events: BlockBuilder<typeof EVENTS>, options: DecodeOptions, size: number): Refusal | undefined {
    const { limits } = options;
    if (size > limits.eventBytesMax)
      return refuse(
        'event_too_large',
        `The event has ${size} bytes, ${limits.eventBytesMax} are the limit for one event.`,
      );
    if (this.scanner.depth > limits.depthMax)
      return refuse(
        'invalid_field',
        `The event is nested ${this.scanner.depth} levels deep, ${limits.depthMax} are the limit.`,
      );
    if (this.#misplaced !== undefined) return this.#misplaced;
    if (this.#isContested) this.#chooseWinners();
    this.#timeMs = options.receivedAtMs;
    for (let index = 0; index < this.#seenCount; index++) {
      const number = this.#seen[index] as number;
      const slot = SLOTS[number] as Slot;
      if (this.#winners[slot.target] !== number) continue;
      const refusal = this.#write(events, slot);
      if (refusal !== undefined) return refusal;
    }
    if (this.#winners[TARGET.type] === NO_SLOT) return refuse('missing_type', REASONS.missing_type.message);
    const stale = staleness(this.#timeMs, options);
    if (stale !== undefined) return stale;
    this.#writeOwn(events, options);
    return undefined;
  }

  /** The columns that do not come from a field, and the defaults of those that may. */
  #writeOwn(events: BlockBuilder<typeof EVENTS>, options: DecodeOptions): void {
    events.int64(EVENT_COLUMN.time, this.#timeMs);
    if (this.#winners[TARGET.id] === NO_SLOT) events.text(EVENT_COLUMN.id, options.newId());
    this.#pieces.write(events, EVENT_COLUMN.properties, this.scanner.bytes, this.scanner.care);
  }

  /** Of several slots of a field the lowest rank wins; the others become properties, so that nothing is lost. */
  #chooseWinners(): void {
    this.#winners.fill(NO_SLOT);
    for (let index = 0; index < this.#seenCount; index++) {
      const number = this.#seen[index] as number;
      if (this.#kindOf(number) === KIND.null) continue;
      const slot = SLOTS[number] as Slot;
      const other = this.#winners[slot.target] as number;
      if (other === NO_SLOT) this.#winners[slot.target] = number;
      else if ((SLOTS[other] as Slot).rank < slot.rank) this.#addLoser(number);
      else {
        this.#winners[slot.target] = number;
        this.#addLoser(other);
      }
    }
  }

  #addLoser(number: number): void {
    const { bytes } = this.scanner;
    const scope = SLOT_SCOPES[number] as Scope;
    const kind = this.#kindOf(number);
    const quotes = kind === KIND.string || kind === KIND.escaped ? 1 : 0;
    const at = number * SPAN_NUMBERS;
    const [, start = 0, end = 0, keyStart = 0, keyEnd = 0] = this.#spans.subarray(at, at + SPAN_NUMBERS);
    const hash = hashOf(bytes.subarray(keyStart, keyEnd), scope.seed);
    this.#pieces.add(scope, hash, keyStart, keyEnd, start - quotes, end + quotes);
  }

  #kindOf(number: number): Kind {
    return this.#spans[number * SPAN_NUMBERS] as Kind;
  }

  /** Writes the field that is taken from `slot`. */
  #write(events: BlockBuilder<typeof EVENTS>, slot: Slot): Refusal | undefined {
    const kind = this.#kindOf(slot.number);
    const { form } = slot.field;
    if (form === 'timestamp') return this.#readTime(slot, kind);
    if (isWrong(slot, kind))
      return refuse('invalid_field', `"${slot.path}" must be ${WANTED[form]}, not ${KIND_NAMES[kind]}.`);
    const column = TARGET_COLUMNS[slot.target] as number;
    this.#plainText(slot.number, kind);
    if (form === 'decimal') return this.#writeDecimal(events, slot, kind, column);
    if (form === 'currency') return this.#writeCurrency(events, slot, column);
    events.string(column, this.#textBytes, this.#textStart, this.#textEnd);
    return undefined;
  }

  #readTime(slot: Slot, kind: Kind): Refusal | undefined {
    this.#plainText(slot.number, kind);
    const isText = kind === KIND.string || kind === KIND.escaped;
    if (!isText && kind !== KIND.number)
      return refuse(
        'invalid_timestamp',
        `"${slot.path}" is ${KIND_NAMES[kind]}. ${REASONS.invalid_timestamp.message}`,
      );
    const parse = isText ? parseIsoMs : parseEpochMs;
    const ms = parse(this.#textBytes, this.#textStart, this.#textEnd);
    if (Number.isNaN(ms)) return this.#refuseTime(isText);
    this.#timeMs = ms;
    return undefined;
  }

  #refuseTime(isText: boolean): Refusal {
    const text = this.#text();
    if (isText) return refuse('invalid_timestamp', timestampProblem(text, shown(text)));
    return refuse(
      'invalid_timestamp',
      `The timestamp ${text.slice(0, SHOWN_CHARACTERS_MAX)} lies outside of the years 1900 to 2299. It must be milliseconds since 1970.`,
    );
  }

  #writeDecimal(
    events: BlockBuilder<typeof EVENTS>,
    slot: Slot,
    kind: Kind,
    column: number,
  ): Refusal | undefined {
    const scaled = parseDecimal(this.#textBytes, this.#textStart, this.#textEnd);
    if (scaled === undefined) return refuse('value_out_of_range', REASONS.value_out_of_range.message);
    if (typeof scaled === 'bigint') events.decimal(column, scaled);
    else if (!Number.isNaN(scaled)) events.decimalNumber(column, scaled);
    else {
      const was = kind === KIND.number ? this.#text().slice(0, SHOWN_CHARACTERS_MAX) : shown(this.#text());
      return refuse(
        'invalid_field',
        `"${slot.path}" must be a number or a string that is written as one, such as "12.50", not ${was}.`,
      );
    }
    return undefined;
  }

  #writeCurrency(events: BlockBuilder<typeof EVENTS>, slot: Slot, column: number): Refusal | undefined {
    const size = this.#textEnd - this.#textStart;
    let isCode = size === CURRENCY_BYTES;
    const upper = new Uint8Array(CURRENCY_BYTES);
    for (let index = 0; index < CURRENCY_BYTES && isCode; index++) {
      const letter = byteAt(this.#textBytes, this.#textStart + index) & 0xdf;
      isCode = letter >= 0x41 && letter <= 0x5a;
      upper[index] = letter;
    }
    if (!isCode)
      return refuse(
        'invalid_field',
        `"${slot.path}" must be a code of three letters, such as "EUR", not ${shown(this.#text())}.`,
      );
    events.string(column, upper, 0, CURRENCY_BYTES);
    return undefined;
  }

  // --- Text ---------------------------------------------------------------

  /** Points `#textBytes` at what the slot's string or number stands for. */
  #plainText(number: number, kind: Kind): void {
    const start = this.#spans[number * SPAN_NUMBERS + SPAN.start] as number;
    const end = this.#spans[number * SPAN_NUMBERS + SPAN.end] as number;
    if (kind === KIND.escaped) {
      this.#textEnd = this.#unescape(start, end);
      this.#textBytes = this.#scratch;
      this.#textStart = 0;
      return;
    }
    this.#textBytes = this.scanner.bytes;
    this.#textStart = start;
    this.#textEnd = end;
  }

  #unescape(start: number, end: number): number {
    if (this.#scratch.length < end - start) this.#scratch = new Uint8Array((end - start) * 2);
    return unescapeJson(this.scanner.bytes, start, end, this.#scratch);
  }

  #text(): string {
    return Buffer.from(this.#textBytes.subarray(this.#textStart, this.#textEnd)).toString('utf8');
  }

  /** The text of a field if it has one of a kind that it may have; undefined otherwise. */
  #fieldText(target: number): string | undefined {
    this.#chooseWinners();
    const number = this.#winners[target] as number;
    if (number === NO_SLOT || isWrong(SLOTS[number] as Slot, this.#kindOf(number))) return undefined;
    this.#plainText(number, this.#kindOf(number));
    return this.#text();
  }

  // --- Refusing -----------------------------------------------------------

  #refuse(
    { code, detail }: Refusal,
    sink: BatchSink,
    options: DecodeOptions,
    index: number,
    start: number,
    end: number,
  ): void {
    sink.events.abandonRow();
    const id = this.#fieldText(TARGET.id);
    const { outcome } = REASONS[code];
    const { refused } = sink;
    refused.text(REFUSED_COLUMN.project, options.project);
    refused.text(REFUSED_COLUMN.id, id ?? '');
    refused.int64(REFUSED_COLUMN.time, outcome === 'stale' ? this.#timeMs : options.receivedAtMs);
    refused.int64(REFUSED_COLUMN.receivedAt, options.receivedAtMs);
    refused.text(REFUSED_COLUMN.type, this.#fieldText(TARGET.type) ?? '');
    refused.text(REFUSED_COLUMN.outcome, outcome);
    refused.text(REFUSED_COLUMN.reason, code);
    refused.text(REFUSED_COLUMN.detail, detail);
    if (outcome !== 'stale' || this.#staleBodies++ < STALE_BODIES_KEPT_MAX)
      refused.string(REFUSED_COLUMN.body, this.scanner.bytes, start, this.#bodyEnd(code, start, end));
    refused.endRow();
    this.rejected.push({ index, id: id ?? null, code, message: detail });
  }

  /** Where the part of a refused event that is kept ends: never inside a character. */
  #bodyEnd(code: ReasonCode, start: number, end: number): number {
    if (code !== 'event_too_large') return end;
    let at = Math.min(end, start + TOO_LARGE_BODY_KEPT_BYTES);
    while (at < end && (byteAt(this.scanner.bytes, at) & 0xc0) === 0x80) at--;
    return at;
  }
}

const WANTED: Readonly<Record<Slot['field']['form'], string>> = {
  text: 'a string',
  label: 'a string or a number',
  timestamp: 'a string or a number',
  decimal: 'a number',
  currency: 'a string',
};

/** Whether a value of this kind cannot be the slot's. */
const isWrong = (slot: Slot, kind: Kind): boolean => (slot.kinds & (1 << kind)) === 0;

const refuse = (code: ReasonCode, detail: string): Refusal => ({ code, detail });

/** A wrong text as JSON, shortened. */
const shown = (text: string): string =>
  JSON.stringify(
    text.length > SHOWN_CHARACTERS_MAX ? `${text.slice(0, SHOWN_CHARACTERS_MAX).toWellFormed()}…` : text,
  );
