import type { Expression, ExpressionBuilder, Selectable, SqlBool } from 'kysely';
import type { Transaction } from '../access/audit.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { CatalogTables, ImportsTable } from '../catalog/tables.ts';
import { type ImportsAnswer, type ImportsQuery, IMPORT_LIMITS } from '../contract/imports.ts';
import { ApiError } from '../event/errors.ts';
import type { HistoryNote } from '../http/collect-handler.ts';
import type { Clock } from '../lib/clock.ts';
import { defineEvent, type Telemetry } from '../lib/telemetry.ts';

/**
 * Which imports there are: what was declared as history is counted as it is taken in. Written every second, so that bodies need not wait for it: a `kill -9` loses the counts of a second, and no event. What is stored of an
 * import its rows tell (`import-state.ts`).
 */

/** Counts are written this often. */
export const IMPORTS_WRITTEN_EVERY_MS = 1_000;
/** Imports whose counts are not written yet; what comes of others meanwhile is not counted. */
const WAITING_MAX = 1_000;

const FAILED = defineEvent<{ readonly error: unknown }>({
  name: 'imports_not_written',
  level: 'warn',
  message: ({ error }) =>
    `How far imports are could not be written down and will be tried again; their events are safe. ${error instanceof Error ? error.message : String(error)}`,
  metrics: [
    {
      kind: 'counter',
      name: 'aevum_imports_not_written_total',
      help: 'Attempts to write down how far imports are that failed. Events are not lost by it.',
    },
  ],
});

const UNCOUNTED = defineEvent<Record<string, never>>({
  name: 'import_uncounted',
  level: 'debug',
  metrics: [
    {
      kind: 'counter',
      name: 'aevum_import_bodies_uncounted_total',
      help: 'Bodies of imports that the list of imports does not count, as too many imports went on at once or the catalogue took nothing.',
    },
  ],
});

type Row = Selectable<ImportsTable>;

/** What the book needs. */
export interface ImportBookOptions {
  readonly catalog: Catalog;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** `IMPORTS_WRITTEN_EVERY_MS` unless told otherwise. */
  readonly everyMs?: number;
}

/** Counts what is sent as history, and lists it. */
export class ImportBook {
  readonly #options: ImportBookOptions;
  readonly #timer: NodeJS.Timeout;
  #waiting = new Map<string, Row>();
  #writing: Promise<void> = Promise.resolve();

  constructor(options: ImportBookOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.write(), options.everyMs ?? IMPORTS_WRITTEN_EVERY_MS);
    this.#timer.unref();
  }

  /** A body of an import was taken in. */
  note({ project, name, sentBy, accepted, rejected, bytes }: HistoryNote): void {
    const nowMs = this.#options.clock.nowMs();
    const body = { project, name, begun_at: nowMs, continued_at: nowMs, sent_by: sentBy, bodies: 1 };
    this.#keep({ ...body, accepted, rejected, bytes });
  }

  #keep(row: Row): void {
    const key = JSON.stringify([row.project, row.name]);
    const known = this.#waiting.get(key);
    if (known === undefined && this.#waiting.size >= WAITING_MAX) {
      this.#options.telemetry.emit(UNCOUNTED, {});
      return;
    }
    this.#waiting.set(key, known === undefined ? row : joined(known, row));
  }

  /** Writes down what was counted. What cannot be written is kept for the next time. */
  write(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#writeAll());
    return this.#writing;
  }

  async #writeAll(): Promise<void> {
    const rows = [...this.#waiting.values()];
    if (rows.length === 0) return;
    this.#waiting = new Map();
    try {
      await this.#options.catalog.db.transaction().execute(async (transaction) => {
        for (const row of rows) if (await isThere(transaction, row.project)) await add(transaction, row);
        for (const project of new Set(rows.map((row) => row.project))) await forget(transaction, project);
      });
    } catch (error) {
      const meanwhile = [...this.#waiting.values()];
      this.#waiting = new Map();
      for (const row of [...rows, ...meanwhile]) this.#keep(row);
      this.#options.telemetry.emit(FAILED, { error });
    }
  }

  /** A page of the imports of a project. Throws ApiError `invalid_request` for a cursor that is none. */
  async list(project: string, { limit, cursor }: ImportsQuery): Promise<ImportsAnswer> {
    await this.write();
    const end = cursor === undefined ? undefined : endOf(cursor);
    const rows = await this.#options.catalog.db
      .selectFrom('imports')
      .selectAll()
      .where('project', '=', project)
      .$if(end !== undefined, (all) => all.where((eb) => behind(eb, end as PageEnd)))
      .orderBy('continued_at', 'desc')
      .orderBy('name')
      .limit(limit + 1)
      .execute();
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    return {
      imports: page.map(listedOf),
      next_cursor: rows.length <= limit || last === undefined ? null : `${last.continued_at}:${last.name}`,
    };
  }

  /** Writes down what was counted, for the last time. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.write();
  }
}

/** What was counted of one import at two times. */
const joined = (earlier: Row, later: Row): Row => ({
  ...later,
  begun_at: earlier.begun_at,
  bodies: earlier.bodies + later.bodies,
  accepted: earlier.accepted + later.accepted,
  rejected: earlier.rejected + later.rejected,
  bytes: earlier.bytes + later.bytes,
});

const isThere = async (transaction: Transaction, project: string): Promise<boolean> => {
  const found = await transaction
    .selectFrom('projects')
    .select('id')
    .where('id', '=', project)
    .where('removing_at', 'is', null)
    .executeTakeFirst();
  return found !== undefined;
};

const add = async (transaction: Transaction, row: Row): Promise<void> => {
  const known = await transaction
    .selectFrom('imports')
    .selectAll()
    .where('project', '=', row.project)
    .where('name', '=', row.name)
    .executeTakeFirst();
  if (known === undefined) await transaction.insertInto('imports').values(row).execute();
  else
    await transaction
      .updateTable('imports')
      .set(joined(known, row))
      .where('project', '=', row.project)
      .where('name', '=', row.name)
      .execute();
};

/** Only so many are listed: those that rest longest go. */
const forget = async (transaction: Transaction, project: string): Promise<void> => {
  const { count } = await transaction
    .selectFrom('imports')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('project', '=', project)
    .executeTakeFirstOrThrow();
  const over = count - IMPORT_LIMITS.listedMax;
  if (over <= 0) return;
  const oldest = await transaction
    .selectFrom('imports')
    .select('name')
    .where('project', '=', project)
    .orderBy('continued_at')
    .orderBy('name', 'desc')
    .limit(over)
    .execute();
  await transaction
    .deleteFrom('imports')
    .where('project', '=', project)
    .where(
      'name',
      'in',
      oldest.map(({ name }) => name),
    )
    .execute();
};

interface PageEnd {
  readonly atMs: number;
  readonly name: string;
}

const endOf = (cursor: string): PageEnd => {
  const { at, name } = /^(?<at>\d{1,15}):(?<name>.+)$/su.exec(cursor)?.groups ?? {};
  if (at === undefined || name === undefined)
    throw new ApiError(
      'invalid_request',
      '"cursor": is not a cursor. Send the "next_cursor" of the page before as it is.',
    );
  return { atMs: Number(at), name };
};

const behind = (
  eb: ExpressionBuilder<CatalogTables, 'imports'>,
  { atMs, name }: PageEnd,
): Expression<SqlBool> =>
  eb.or([eb('continued_at', '<', atMs), eb.and([eb('continued_at', '=', atMs), eb('name', '>', name)])]);

const isoOf = (ms: number): string => new Date(ms).toISOString();

const listedOf = (row: Row): ImportsAnswer['imports'][number] => ({
  id: row.name,
  begun_at: isoOf(row.begun_at),
  continued_at: isoOf(row.continued_at),
  sent_by: row.sent_by,
  bodies: row.bodies,
  accepted: row.accepted,
  rejected: row.rejected,
  bytes: row.bytes,
});
