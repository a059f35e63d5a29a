import { TIME_MIN_MS } from '../../event/limits.ts';
import type { QueryParameters, Warehouse } from '../../warehouse/client.ts';
import type { WindowMetric } from '../../window/metric.ts';
import type { Stretch, Tally, Window, WindowChange, WindowNeed } from '../../window/window.ts';

/** How far the windows of a metric have come, as they say themselves. */
export interface WindowProgress {
  /** Events of governed positions before this are in them. */
  readonly next: number;
  /** The latest receipt among all events before it, milliseconds; of nothing: the least time there is. */
  readonly receivedMs: number;
}

/** A metric's windows of one version. */
export type WindowOwner = Pick<WindowMetric, 'project' | 'metric' | 'version'>;

/** What the warehouse holds of events in a range of positions, of all projects. */
export interface WindowExtent {
  readonly events: number;
  readonly receivedMs: number;
}

const TABLE = 'metric_windows';
const STEP_TIMEOUT_MS = 120_000;
/** Keys asked for in one statement: bounded by their bytes, for parameters travel in an address. */
const KEYS_BYTES_MAX = 64 * 1024;
/** Around each key in a list of keys. */
const KEY_MARGIN_BYTES = 8;

/** The window of the row that tells how far a metric has come. No event is so early, and no number of a window is negative. */
export const PROGRESS_WINDOW = -9_000_000_000_000_000;

interface StretchRow {
  readonly key: string;
  readonly start: number;
  readonly end: number;
  readonly events: number;
  readonly first_position: number;
  readonly position: number;
  readonly currencies: readonly string[];
  readonly counts: readonly number[];
  readonly sums: readonly string[];
  readonly mins: readonly string[];
  readonly maxs: readonly string[];
}

interface WindowRow extends StretchRow {
  readonly window: number;
  readonly complete: number;
}

const OWN = 'project = {project:String} AND metric = {metric:String} AND version = {version:UInt32}';
const TEXTS = ['sums', 'mins', 'maxs']
  .map((name) => `arrayMap(x -> toString(x), ${name}) AS ${name}`)
  .join(', ');
/** The windows as they are now. */
const WINDOWS = `SELECT key, window, start, end, events, first_position, position, complete, currencies, counts, ${TEXTS}
  FROM (SELECT * REPLACE (toUnixTimestamp64Milli(start) AS start, toUnixTimestamp64Milli(end) AS end)
    FROM ${TABLE} FINAL WHERE ${OWN} AND window > ${PROGRESS_WINDOW} AND removed = 0)`;

const COLUMNS =
  'project, metric, version, key, window, start, end, events, currencies, counts, sums, mins, maxs, first_position, position, complete, removed';

const NO_TALLIES: readonly Tally[] = [];

const talliesOf = ({ currencies, counts, sums, mins, maxs }: StretchRow): readonly Tally[] =>
  currencies.length === 0
    ? NO_TALLIES
    : currencies.map((currency, index) => ({
        currency,
        count: counts[index] ?? 0,
        ...{ sum: BigInt(sums[index] ?? 0), min: BigInt(mins[index] ?? 0), max: BigInt(maxs[index] ?? 0) },
      }));

const stretchOf = (row: StretchRow): Stretch => ({
  ...{ key: row.key, startMs: row.start, endMs: row.end, events: row.events },
  ...{ firstPosition: row.first_position, lastPosition: row.position, tallies: talliesOf(row) },
});

const windowOf = (row: WindowRow): Window => ({
  ...stretchOf(row),
  id: row.window,
  isComplete: row.complete === 1,
});

const DAY_MS = 86_400_000;

/** Writes instants as the table takes them. Most lie on one day, whose date is written once: a Date for each takes a fifth of a step. */
const createInstants = (): ((ms: number) => string) => {
  let writtenDay = Number.NaN;
  let date = '';
  const two = (value: number): string => (value < 10 ? `0${value}` : `${value}`);
  return function instantText(ms) {
    const day = Math.floor(ms / DAY_MS);
    if (day !== writtenDay) {
      writtenDay = day;
      date = new Date(day * DAY_MS).toISOString().slice(0, 10);
    }
    const inDay = ms - day * DAY_MS;
    const seconds = Math.floor(inDay / 1_000);
    const minutes = Math.floor(seconds / 60);
    const milliseconds = String(inDay % 1_000).padStart(3, '0');
    return `${date} ${two(Math.floor(minutes / 60))}:${two(minutes % 60)}:${two(seconds % 60)}.${milliseconds}`;
  };
};

const rowOf = (
  { project, metric, version }: WindowOwner,
  change: WindowChange,
  instant: (ms: number) => string,
): unknown[] => {
  const { key, id, startMs, endMs, events, tallies, firstPosition, lastPosition } = change;
  const text = (pick: (tally: Tally) => bigint): string[] => tallies.map((tally) => String(pick(tally)));
  return [
    ...[project, metric, version, key, id, instant(startMs), instant(endMs), events],
    ...[tallies.map(({ currency }) => currency), tallies.map(({ count }) => count)],
    ...[text(({ sum }) => sum), text(({ min }) => min), text(({ max }) => max)],
    ...[firstPosition, lastPosition, Number(change.isComplete), Number(change.isRemoved)],
  ];
};

/** Windows of metrics in the warehouse: the state of their operators as of a position, changed in steps each of which is there whole or not at all. */
export class WindowStore {
  readonly #warehouse: Warehouse;
  readonly #signal: AbortSignal;

  constructor(warehouse: Warehouse, signal: AbortSignal) {
    this.#warehouse = warehouse;
    this.#signal = signal;
  }

  /** How many events there are from one position up to another, and when the last of them was received. */
  async extent(from: number, to: number): Promise<WindowExtent> {
    const [row] = await this.#query<{ n: number; received: number }>(
      'SELECT count() AS n, max(toUnixTimestamp64Milli(received_at)) AS received FROM events WHERE position >= {from:UInt64} AND position < {to:UInt64}',
      { from, to },
    );
    const events = row?.n ?? 0;
    return { events, receivedMs: events === 0 ? TIME_MIN_MS : (row?.received ?? TIME_MIN_MS) };
  }

  /** The events of a metric from one position up to another; of counts one by one in the order of the log. */
  async events({ statement }: WindowMetric, from: number, to: number): Promise<Stretch[]> {
    const found: Stretch[] = [];
    const params = { ...statement.params, from, to };
    const rows = this.#warehouse.stream<StretchRow>(statement.text, params, {
      class: 'control',
      signal: this.#signal,
      timeoutMs: STEP_TIMEOUT_MS,
    });
    for await (const batch of rows) for (const row of batch) found.push(stretchOf(row));
    return found;
  }

  /** How far a metric has come; undefined: nothing was written. */
  async progress(owner: WindowOwner): Promise<WindowProgress | undefined> {
    const [row] = await this.#query<{ n: number; next: number; received: number }>(
      `SELECT count() AS n, max(position) AS next, max(toUnixTimestamp64Milli(end)) AS received FROM ${TABLE} WHERE ${OWN} AND key = '' AND window = ${PROGRESS_WINDOW}`,
      ownerOf(owner),
    );
    return row === undefined || row.n === 0 ? undefined : { next: row.next, receivedMs: row.received };
  }

  /** The windows that end last, or of counts the last ones of the keys that had an event last. The newest first. */
  async newest(metric: WindowMetric, limit: number): Promise<Window[]> {
    const order =
      metric.window.kind === 'session'
        ? 'ORDER BY end DESC LIMIT {limit:UInt64}'
        : 'ORDER BY window DESC LIMIT 1 BY key';
    const sql =
      metric.window.kind === 'session'
        ? `${WINDOWS} ${order}`
        : `SELECT * FROM (${WINDOWS} ${order}) ORDER BY position DESC LIMIT {limit:UInt64}`;
    return this.#windows(sql, { ...ownerOf(metric), limit });
  }

  /** The windows that events may touch. */
  async find(metric: WindowMetric, { keys, fromMs, toMs, touches }: WindowNeed): Promise<Window[]> {
    const found: Window[] = [];
    const where =
      metric.window.kind === 'session'
        ? 'WHERE key IN {keys:Array(String)} AND end >= {from:Int64} AND start <= {to:Int64}'
        : 'WHERE key IN {keys:Array(String)} ORDER BY window DESC LIMIT 1 BY key';
    const reach = metric.window.kind === 'session' ? { from: fromMs, to: toMs } : {};
    for (const some of portions(keys)) {
      const params = { ...ownerOf(metric), ...reach, keys: some };
      for (const window of await this.#windows(`${WINDOWS} ${where}`, params, touches)) found.push(window);
    }
    return found;
  }

  /**
   * Writes what changed and how far the metric has come: all of it or nothing, and once under a token. Whether it was written is not certain when it rejects.
   */
  async write(
    owner: WindowOwner,
    changes: readonly WindowChange[],
    progress: WindowProgress,
    token: string,
  ): Promise<void> {
    const said: WindowChange = {
      ...{
        key: '',
        id: PROGRESS_WINDOW,
        startMs: progress.receivedMs,
        endMs: progress.receivedMs,
        events: 0,
      },
      ...{ firstPosition: 0, lastPosition: progress.next, tallies: NO_TALLIES },
      ...{ isComplete: false, isRemoved: true },
    };
    const instant = createInstants();
    const rows = [...changes, said].map((change) => rowOf(owner, change, instant));
    await this.#warehouse.append(TABLE, COLUMNS, rows, { token, signal: this.#signal });
  }

  /** Of which metrics there are windows. */
  owners(): Promise<WindowOwner[]> {
    return this.#query<WindowOwner>(`SELECT DISTINCT project, metric, version FROM ${TABLE}`, {});
  }

  /** Deletes the windows of a metric; they are gone when it resolves. */
  delete(owner: WindowOwner): Promise<void> {
    return this.#warehouse.command(
      `ALTER TABLE ${TABLE} DELETE WHERE ${OWN} SETTINGS mutations_sync = 1`,
      ownerOf(owner),
      { signal: this.#signal },
    );
  }

  async #windows(
    sql: string,
    params: QueryParameters,
    isWanted: WindowNeed['touches'] = () => true,
  ): Promise<Window[]> {
    const found: Window[] = [];
    const options = { class: 'control', signal: this.#signal, timeoutMs: STEP_TIMEOUT_MS } as const;
    for await (const batch of this.#warehouse.stream<WindowRow>(sql, params, options))
      for (const row of batch) {
        const window = windowOf(row);
        if (isWanted(window)) found.push(window);
      }
    return found;
  }

  async #query<Row>(sql: string, params: QueryParameters): Promise<Row[]> {
    const options = { class: 'control', signal: this.#signal } as const;
    return (await this.#warehouse.query<Row>(sql, params, options)).rows;
  }
}

const ownerOf = ({ project, metric, version }: WindowOwner): QueryParameters => ({
  ...{ project, metric, version },
});

/** Keys in lists that fit into a statement. */
const portions = (keys: readonly string[]): string[][] => {
  const all: string[][] = [];
  let bytes = KEYS_BYTES_MAX;
  for (const key of keys) {
    const size = Buffer.byteLength(key) + KEY_MARGIN_BYTES;
    if (bytes + size > KEYS_BYTES_MAX) {
      all.push([]);
      bytes = 0;
    }
    all.at(-1)?.push(key);
    bytes += size;
  }
  return all;
};
