import {
  type ImportAnswer,
  type ImportQuery,
  IMPORT_LIMITS,
  type KnownIdsAnswer,
} from '../contract/imports.ts';
import type { StatementValue } from '../lib/statement-value.ts';
import { RowRanges, rangesOfRows, type RowRange } from './row-ranges.ts';

/**
 * What the warehouse has of an import, by the ids of its rows (`<import>:<row>`): the server's side of resuming. A row counts as there when it is stored or
 * quarantined. Rows are found as bitmaps per bucket of 65,536 rows, so an import of a hundred million rows takes megabytes, not gigabytes.
 */

/** What this needs of its surroundings. */
export interface ImportStatePorts {
  readonly warehouse: {
    query(
      sql: string,
      params: Readonly<Record<string, StatementValue>>,
    ): Promise<{ readonly rows: readonly unknown[] }>;
  };
  /** Waits until everything acknowledged before the call is queryable, at most so long; answers whether it is. */
  settle(timeoutMs: number): Promise<boolean>;
}

/** Answers questions about imports of one project. */
export interface ImportState {
  read(project: string, id: string, query: ImportQuery): Promise<ImportAnswer>;
  known(project: string, ids: readonly string[]): Promise<KnownIdsAnswer>;
}

const BUCKET_ROWS = 65_536;
/** Buckets whose rows are fetched one by one in a query. */
const BUCKETS_PER_QUERY = 16;
/** Buckets with gaps that one answer looks into; further ones are left to the next page. */
const GAPPED_BUCKETS_MAX = 256;
/** Quarantined rows that one answer looks at; further ones are left to the next page. */
const QUARANTINED_ROWS_MAX = 200_000;
/** Ids asked for in one statement. */
const IDS_PER_QUERY = 1_000;
const KNOWN_WAIT_MS = 10_000;

/** Row numbers of an import in a table, as a subquery. Table and condition come from this file. */
const rowsOf = (table: 'events' | 'refused'): string =>
  `SELECT toUInt32OrZero(substring(id, length({prefix:String}) + 1)) AS row FROM ${table}
   WHERE project = {project:String} AND startsWith(id, {prefix:String})${table === 'refused' ? " AND outcome = 'quarantined'" : ''}`;

const THERE = `(${rowsOf('events')} UNION ALL ${rowsOf('refused')})`;

/** Creates the service. */
export const createImportState = (ports: ImportStatePorts): ImportState => ({
  read: async (project, id, query) => {
    const settled = await ports.settle(query.wait_ms);
    return new Reading(ports, project, id, query.from_row).answer(id, settled);
  },
  known: async (project, ids) => {
    const settled = await ports.settle(KNOWN_WAIT_MS);
    const found = new Set<string>();
    for (let at = 0; at < ids.length; at += IDS_PER_QUERY) {
      for (const id of await findIds(ports, project, ids.slice(at, at + IDS_PER_QUERY))) found.add(id);
    }
    return { settled, known: ids.flatMap((id, index) => (found.has(id) ? [index] : [])) };
  },
});

const findIds = async (
  { warehouse }: ImportStatePorts,
  project: string,
  ids: readonly string[],
): Promise<string[]> => {
  const where = 'project = {project:String} AND id IN ({ids:Array(String)})';
  const { rows } = await warehouse.query(
    `SELECT DISTINCT id FROM events WHERE ${where} UNION DISTINCT SELECT DISTINCT id FROM refused WHERE ${where} AND outcome = 'quarantined'`,
    { project, ids },
  );
  return (rows as { id: string }[]).map((row) => row.id);
};

/** 64-bit integers of the engine arrive as text. */
type Count = number | string;

interface Bucket {
  readonly bucket: Count;
  readonly rows: Count;
}

class Reading {
  readonly #ports: ImportStatePorts;
  readonly #params: Readonly<Record<string, StatementValue>>;
  readonly #from: number;

  constructor(ports: ImportStatePorts, project: string, id: string, from: number) {
    this.#ports = ports;
    this.#params = { project, prefix: `${id}:`, from };
    this.#from = from;
  }

  async answer(id: string, settled: boolean): Promise<ImportAnswer> {
    const totals = await this.#totals();
    const last = totals.last;
    const missing = last < this.#from ? { ranges: [], complete: true } : await this.#missing(last);
    const [first] = missing.ranges;
    return {
      id,
      settled,
      stored: totals.stored,
      quarantined: totals.quarantined,
      next_row: first?.[0] ?? Math.max(last + 1, this.#from),
      last_row: last,
      missing,
      quarantined_rows: totals.quarantined === 0 ? { ranges: [], complete: true } : await this.#quarantined(),
      first_timestamp: totals.firstTime,
      last_timestamp: totals.lastTime,
    };
  }

  async #query<Row>(sql: string, more: Readonly<Record<string, StatementValue>> = {}): Promise<Row[]> {
    const { rows } = await this.#ports.warehouse.query(sql, { ...this.#params, ...more });
    return rows as Row[];
  }

  async #totals(): Promise<{
    stored: number;
    quarantined: number;
    last: number;
    firstTime: string | null;
    lastTime: string | null;
  }> {
    const [found] = await this.#query<
      Record<'stored' | 'quarantined' | 'last' | 'firstMs' | 'lastMs', string | number>
    >(
      `WITH (SELECT groupBitmapState(row) FROM (${rowsOf('events')})) AS stored_rows,
            (SELECT groupBitmapState(row) FROM (${rowsOf('refused')})) AS refused_rows
       SELECT bitmapCardinality(stored_rows) AS stored,
              bitmapAndnotCardinality(refused_rows, stored_rows) AS quarantined,
              greatest(bitmapMax(stored_rows), bitmapMax(refused_rows)) AS last,
              (SELECT toUnixTimestamp64Milli(min(time)) FROM events WHERE project = {project:String} AND startsWith(id, {prefix:String})) AS firstMs,
              (SELECT toUnixTimestamp64Milli(max(time)) FROM events WHERE project = {project:String} AND startsWith(id, {prefix:String})) AS lastMs`,
    );
    const stored = Number(found?.stored ?? 0);
    const instant = (ms: string | number | undefined): string | null =>
      stored === 0 ? null : new Date(Number(ms)).toISOString();
    return {
      stored,
      quarantined: Number(found?.quarantined ?? 0),
      last: Number(found?.last ?? 0),
      firstTime: instant(found?.firstMs),
      lastTime: instant(found?.lastMs),
    };
  }

  /** Rows from the first asked for up to `last` that are not there. */
  async #missing(last: number): Promise<ImportAnswer['missing']> {
    const counts = await this.#bucketCounts();
    const gapped: number[] = [];
    for (let bucket = bucketOf(this.#from); bucket <= bucketOf(last); bucket++) {
      const [from, to] = this.#boundsOf(bucket, last);
      if ((counts.get(bucket) ?? 0) < to - from + 1) gapped.push(bucket);
    }
    const looked = gapped.slice(0, GAPPED_BUCKETS_MAX);
    const ranges: [number, number][] = [];
    for (let at = 0; at < looked.length; at += BUCKETS_PER_QUERY) {
      for (const gap of await this.#gapsOf(looked.slice(at, at + BUCKETS_PER_QUERY), last))
        append(ranges, gap);
    }
    const kept = ranges.slice(0, IMPORT_LIMITS.rangesMax);
    return { ranges: kept, complete: kept.length === ranges.length && looked.length === gapped.length };
  }

  async #bucketCounts(): Promise<Map<number, number>> {
    const rows = await this.#query<Bucket>(
      `SELECT intDiv(row - 1, ${BUCKET_ROWS}) AS bucket, groupBitmap(row) AS rows FROM ${THERE} WHERE row >= {from:UInt32} GROUP BY bucket`,
    );
    return new Map(rows.map(({ bucket, rows: count }) => [Number(bucket), Number(count)]));
  }

  async #gapsOf(buckets: readonly number[], last: number): Promise<RowRange[]> {
    const found = await this.#query<{ bucket: Count; list: Count[] }>(
      `SELECT intDiv(row - 1, ${BUCKET_ROWS}) AS bucket, bitmapToArray(groupBitmapState(row)) AS list
       FROM ${THERE} WHERE row >= {from:UInt32} AND intDiv(row - 1, ${BUCKET_ROWS}) IN ({buckets:Array(UInt32)}) GROUP BY bucket`,
      { buckets },
    );
    const lists = new Map(found.map(({ bucket, list }) => [Number(bucket), list.map(Number)]));
    return buckets.flatMap((bucket) => {
      const there = (lists.get(bucket) ?? []).sort((a, b) => a - b);
      const all = new RowRanges([this.#boundsOf(bucket, last)]);
      return all.without(rangesOfRows(there)).toArray();
    });
  }

  /** The rows of a bucket that the question is about. */
  #boundsOf(bucket: number, last: number): RowRange {
    return [Math.max(bucket * BUCKET_ROWS + 1, this.#from), Math.min((bucket + 1) * BUCKET_ROWS, last)];
  }

  async #quarantined(): Promise<ImportAnswer['quarantined_rows']> {
    const [found] = await this.#query<{ list: Count[] }>(
      `WITH (SELECT groupBitmapState(row) FROM (${rowsOf('events')})) AS stored_rows,
            (SELECT groupBitmapState(row) FROM (${rowsOf('refused')})) AS refused_rows
       SELECT bitmapToArray(bitmapSubsetLimit(bitmapAndnot(refused_rows, stored_rows), {from:UInt32}, ${QUARANTINED_ROWS_MAX})) AS list`,
    );
    const list = (found?.list ?? []).map(Number).sort((a, b) => a - b);
    const ranges = rangesOfRows(list).map(([from, to]): [number, number] => [from, to]);
    const kept = ranges.slice(0, IMPORT_LIMITS.rangesMax);
    return { ranges: kept, complete: kept.length === ranges.length && list.length < QUARANTINED_ROWS_MAX };
  }
}

const bucketOf = (row: number): number => Math.floor((row - 1) / BUCKET_ROWS);

/** Adds a range behind the others, joined to the last one where they touch. */
const append = (ranges: [number, number][], [from, to]: RowRange): void => {
  const last = ranges.at(-1);
  if (last !== undefined && last[1] + 1 === from) last[1] = to;
  else ranges.push([from, to]);
};
