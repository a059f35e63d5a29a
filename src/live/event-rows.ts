import type { Block } from '../event/block.ts';
import { decimalAt, stringsAt, timesOf } from '../event/blocks.ts';
import { columnIndex, EVENTS } from '../event/columns.ts';
import { type StoredEventRow, toApiEvent } from '../event/event-row.ts';
import { decimalText } from '../event/layout.ts';

const TEXT_COLUMNS = EVENTS.columns.flatMap(({ name, kind }) => (kind === 'string' ? [name] : []));
const TIME = columnIndex(EVENTS, 'time');
const RECEIVED_AT = columnIndex(EVENTS, 'received_at');
const VALUE = columnIndex(EVENTS, 'value');

/** The exact text of a number that a double does not hold (see `JsonNumber`). */
interface RawNumber {
  readonly rawJSON: string;
}

const isRawNumber = (value: unknown): value is RawNumber =>
  typeof value === 'object' &&
  value !== null &&
  (JSON as unknown as { isRawJSON(value: unknown): boolean }).isRawJSON(value);

/**
 * The events of one governed record, row by row, as far as somebody asks: a column is taken apart once, an event is made into JSON once, for all who get it. Reads the record's own
 * bytes: not to be used after they are gone.
 */
export class EventRows {
  readonly rows: number;
  readonly #block: Block<typeof EVENTS>;
  readonly #position: string;
  readonly #readers = new Map<string, (row: number) => string>();
  readonly #events: (ReturnType<typeof toApiEvent> | undefined)[] = [];
  readonly #texts: (string | undefined)[] = [];
  #byProject: Map<string, number[]> | undefined;
  #times: Float64Array | undefined;
  #received: Float64Array | undefined;

  constructor(block: Block<typeof EVENTS>, position: number) {
    this.#block = block;
    this.#position = String(position);
    this.rows = block.rows;
  }

  /** The text of a string column; empty where absent. */
  text(column: string, row: number): string {
    let reader = this.#readers.get(column);
    if (reader === undefined) {
      reader = stringsAt(this.#block, columnIndex(EVENTS, column));
      this.#readers.set(column, reader);
    }
    return reader(row);
  }

  /** The text that a property of the first level compares by; undefined where it is absent, null, an object or an array. */
  propertyText(name: string, row: number): string | undefined {
    const { properties } = this.#event(row);
    if (!Object.hasOwn(properties, name)) return undefined;
    const value = properties[name];
    if (isRawNumber(value)) return value.rawJSON;
    if (typeof value === 'string') return value;
    return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
  }

  /** The event as `GET /api/events` answers it. */
  json(row: number): string {
    return (this.#texts[row] ??= JSON.stringify({ ...this.#event(row), position: this.#position }));
  }

  /** The rows of each project. */
  byProject(): ReadonlyMap<string, readonly number[]> {
    return (this.#byProject ??= this.#findProjects());
  }

  #findProjects(): Map<string, number[]> {
    const found = new Map<string, number[]>();
    for (let row = 0; row < this.rows; row++) {
      const project = this.text('project', row);
      const rows = found.get(project);
      if (rows === undefined) found.set(project, [row]);
      else rows.push(row);
    }
    return found;
  }

  #event(row: number): ReturnType<typeof toApiEvent> {
    return (this.#events[row] ??= toApiEvent(this.#row(row)));
  }

  #row(row: number): StoredEventRow {
    this.#times ??= timesOf(this.#block, TIME);
    this.#received ??= timesOf(this.#block, RECEIVED_AT);
    const value = decimalAt(this.#block, VALUE, row);
    const texts = Object.fromEntries(TEXT_COLUMNS.map((name) => [name, this.text(name, row)]));
    return {
      ...(texts as Pick<StoredEventRow, 'id' | 'type'>),
      time: isoOf(this.#times[row]),
      received_at: isoOf(this.#received[row]),
      value: value === null ? null : decimalText(value),
    };
  }
}

const isoOf = (ms: number | undefined): string => new Date(ms ?? 0).toISOString();
