import type { ClickHouseSettings } from '@clickhouse/client';
import type { Clock } from '../lib/clock.ts';
import { defineEvent, type Telemetry } from '../lib/telemetry.ts';
import type { QueryParameters, Warehouse } from './client.ts';

/**
 * A table that is derived from `events` in the background, by ranges of positions: so that it costs loading nothing. `derived-tables.ts` sees to it that several take turns. Why so, with measurements:
 * `docs/decisions/022-derived-tables.md`.
 *
 * Exactly once: a step takes the events of the positions from `covered` up to another that is loaded, in one insert that becomes one part, so all of them or none. What is covered is told by the table itself, as its
 * highest position. A step that failed may still happen: the next one has the same token, so that only one of them counts, and what is covered is read again before and after it.
 */

/** What a table is derived by. */
export interface DerivedDefinition {
  /** The table: not partitioned, so that a step is one part. Its rows carry `position`. */
  readonly table: string;
  /** What metrics call it; default: its name. */
  readonly label?: string;
  /** What the tokens of its steps begin with; default: its name. */
  readonly token?: string;
  /** One project's, if it holds rows of no other. */
  readonly project?: string;
  /** Which events it takes, as conditions that follow `FROM events WHERE`; default: all. */
  readonly where?: string;
  /**
   * What a step puts in: the statement behind `INSERT INTO`, with the place of the condition `{rows}`. It must sort by position: without, the engine hands on block by block, each with a token of its own. Sorting by
   * position costs next to nothing.
   */
  readonly insert: string;
  /** Further parameters of `insert` and `where`. */
  readonly params?: QueryParameters;
  /** Whether each step leaves a row that tells how far it went, whatever it took. */
  readonly marksSteps?: boolean;
  /** Puts in a row that tells that the table covers the position `{position}` and those before it, and says nothing else. */
  readonly mark?: string;
  /** Events that a step takes at most, unless a single record has more. */
  readonly stepRowsMax: number;
  /** How many times as long as it worked a step rests before the next. */
  readonly rest: { readonly calm: number; readonly busy: number };
  /** With it the table is looked after more often than usual when so many events came meanwhile, and does not rest longer than when it is calm while it falls behind. */
  readonly tailRows?: number;
}

/** What filling needs. */
export interface FillingOptions {
  readonly warehouse: Warehouse;
  /** Governed records before this are queryable. */
  readonly loaded: () => number;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

/** What a step did. */
export interface Stepped {
  /** Everything that is loaded is covered. */
  readonly isAtEnd: boolean;
  readonly rows: number;
}

/** What filling a table cost since the process began. */
export interface FillingCost {
  readonly steps: number;
  readonly rows: number;
  readonly seconds: number;
}

const STEP_POSITIONS_FIRST = 16;
const STEP_POSITIONS_MAX = 1_048_576;
const STEP_TIMEOUT_MS = 120_000;
const SECOND_MS = 1_000;

const STEPPED = defineEvent<{ label: string; positions: number; rows: number; elapsedMs: number }>({
  name: 'derived_stepped',
  level: 'debug',
  metrics: [
    {
      kind: 'counter',
      name: 'aevum_derived_rows_total',
      help: 'Events taken into tables that are derived in the background, by table.',
      value: ({ rows }) => rows,
      labels: ({ label }) => ({ table: label }),
    },
    {
      kind: 'histogram',
      name: 'aevum_derived_step_seconds',
      help: 'Duration of steps that take events into derived tables, by table.',
      value: ({ elapsedMs }) => elapsedMs / SECOND_MS,
      labels: ({ label }) => ({ table: label }),
    },
  ],
});

/** One block, so one part: a step is there whole or not at all, and its token counts. */
const STEP_SETTINGS: ClickHouseSettings = {
  max_threads: 1,
  max_insert_threads: '1',
  max_block_size: '16777216',
  max_insert_block_size: '16777216',
  min_insert_block_size_rows: '16777216',
  min_insert_block_size_bytes: '0',
  async_insert: 0,
  insert_deduplicate: 1,
  // Rows of one position may stand either way: that is the same to the token.
  deduplicate_insert_select: 'enable_even_for_bad_queries',
};

const RANGE = 'position >= {from:UInt64} AND position < {to:UInt64}';

/** One table being filled. Its steps must not meet each other: `DerivedTables` takes them. */
export class Derived {
  readonly definition: DerivedDefinition;
  readonly #options: FillingOptions;
  readonly #rows: string;
  /** Records before this are in the table; undefined: the table has to be asked. */
  #next: number | undefined;
  /** A step from here may have happened, or may yet. */
  #doubtful: number | undefined;
  /** Up to here there was nothing to take when it was looked last. */
  #emptyTo = -1;
  #stepPositions = STEP_POSITIONS_FIRST;
  #isAtEnd = false;
  /** Events a record, in the last step that took some. */
  #eventsPerRecord: number | undefined;
  #step: Promise<unknown> = Promise.resolve();
  #cost: FillingCost = { steps: 0, rows: 0, seconds: 0 };

  constructor(definition: DerivedDefinition, options: FillingOptions) {
    this.definition = definition;
    this.#options = options;
    this.#rows = definition.where === undefined ? RANGE : `${definition.where} AND ${RANGE}`;
  }

  /** Events of records before this are in the table, all others in `events` only. 0 as long as it is not known. */
  covered(): number {
    return this.#next ?? 0;
  }

  /** Loaded records whose events are not in the table yet. */
  behind(): number {
    return Math.max(0, this.#options.loaded() - this.covered());
  }

  /** When it was filled last it held everything that was loaded; or no more is missing than may be, as far as the last step tells. */
  get isCurrent(): boolean {
    if (this.#isAtEnd) return true;
    const { tailRows = 0 } = this.definition;
    return this.#eventsPerRecord !== undefined && this.behind() * this.#eventsPerRecord <= tailRows;
  }

  /** Resolves when the step that is under way has ended. */
  async settled(): Promise<void> {
    await this.#step.catch(() => undefined);
  }

  get cost(): FillingCost {
    return this.#cost;
  }

  /** Takes one step. Throws WarehouseError. */
  async step(signal: AbortSignal): Promise<Stepped> {
    const step = this.#advance(signal);
    this.#step = step;
    const stepped = await step;
    this.#isAtEnd = stepped.isAtEnd;
    return stepped;
  }

  async #advance(signal: AbortSignal): Promise<Stepped> {
    const loaded = this.#options.loaded();
    if (loaded <= Math.max(this.#next ?? -1, this.#emptyTo)) return { isAtEnd: true, rows: 0 };
    const from = await this.#start(signal);
    if (from >= loaded) return { isAtEnd: true, rows: 0 };
    const { to, rows } = await this.#extent(from, loaded, signal);
    const startedMs = this.#options.clock.monotonicMs();
    const isDoubtful = this.#doubtful !== undefined;
    if (rows > 0 || (isDoubtful && this.definition.marksSteps === true)) await this.#take(from, to, signal);
    // Where a step may be under way the place to begin is left for good only by a step that counted.
    else if (!isDoubtful) this.#next = to;
    else {
      this.#emptyTo = to;
      return { isAtEnd: true, rows };
    }
    this.#note(to - from, rows, this.#options.clock.monotonicMs() - startedMs);
    return { isAtEnd: this.covered() >= loaded, rows };
  }

  /**
   * To be called before rows of a project are removed, and none of other projects behind them. Ends all doubt about earlier steps, and sees to it that the table tells how far it is filled when those rows are gone: the
   * tokens of steps behind them are used up.
   */
  async prepareRemoval(signal: AbortSignal): Promise<void> {
    const { mark } = this.definition;
    if (this.#next === undefined || this.#doubtful !== undefined) await this.step(signal);
    if (mark === undefined || this.#next === undefined || this.#next === 0) return;
    await this.#options.warehouse.command(mark, { position: this.#next - 1 }, { signal });
  }

  /** Where a step begins. An earlier process may have left a step under way, so the first one is doubtful as well. */
  async #start(signal: AbortSignal): Promise<number> {
    if (this.#next !== undefined && this.#doubtful === undefined) return this.#next;
    const isFirst = this.#next === undefined;
    this.#next = await this.#ask(signal);
    if (isFirst) this.#doubtful = this.#next;
    return this.#next;
  }

  async #take(from: number, to: number, signal: AbortSignal): Promise<void> {
    const { table, token = table, insert, params } = this.definition;
    const wasDoubtful = this.#doubtful === from;
    this.#doubtful = from;
    // It may be too large for the engine's memory, so the one after a step that fails goes less far.
    const positions = this.#stepPositions;
    this.#stepPositions = Math.max(1, Math.floor((to - from) / 2));
    await this.#options.warehouse.command(
      `INSERT INTO ${insert.replaceAll('{rows}', this.#rows)}`,
      { ...params, from, to },
      {
        signal,
        timeoutMs: STEP_TIMEOUT_MS,
        settings: { ...STEP_SETTINGS, insert_deduplication_token: `${token}-${from}` },
      },
    );
    this.#stepPositions = positions;
    // Of two steps from one place the earlier may be the one that counted, and it may have gone less far.
    this.#next = wasDoubtful ? await this.#ask(signal) : to;
    this.#doubtful = undefined;
  }

  /** How far a step goes: about as many rows as it may take. Where a step is doubtful it goes on to some that there are. */
  async #extent(from: number, loaded: number, signal: AbortSignal): Promise<{ to: number; rows: number }> {
    const { stepRowsMax, marksSteps } = this.definition;
    const mayBeEmpty = this.#doubtful === undefined || marksSteps === true;
    // Before this there are none.
    let emptyTo = from;
    for (;;) {
      const to = Math.min(Math.max(from + this.#stepPositions, emptyTo + 1), loaded);
      const rows = await this.#count(from, to, signal);
      if (rows === 0 && to < loaded && !mayBeEmpty) {
        emptyTo = to;
        this.#stepPositions *= 2;
      } else if (rows <= stepRowsMax || to - emptyTo === 1) {
        if (rows < stepRowsMax / 4)
          this.#stepPositions = Math.min(this.#stepPositions * 2, STEP_POSITIONS_MAX);
        return { to, rows };
      } else this.#stepPositions = emptyTo - from + Math.max(1, Math.floor((to - emptyTo) / 2));
    }
  }

  async #count(from: number, to: number, signal: AbortSignal): Promise<number> {
    const { rows } = await this.#options.warehouse.query<{ n: number | string }>(
      `SELECT count() AS n FROM events WHERE ${this.#rows}`,
      { ...this.definition.params, from, to },
      { class: 'control', signal },
    );
    return Number(rows[0]?.n ?? 0);
  }

  /** What the table covers. */
  async #ask(signal: AbortSignal): Promise<number> {
    const { rows } = await this.#options.warehouse.query<{ n: number | string; position: number | string }>(
      `SELECT count() AS n, max(position) AS position FROM ${this.definition.table}`,
      {},
      { class: 'control', signal },
    );
    const [row] = rows;
    return row === undefined || Number(row.n) === 0 ? 0 : Number(row.position) + 1;
  }

  #note(positions: number, rows: number, elapsedMs: number): void {
    const { table, label = table } = this.definition;
    if (rows > 0) this.#eventsPerRecord = rows / positions;
    const { steps, rows: rowsBefore, seconds } = this.#cost;
    this.#cost = {
      steps: steps + 1,
      rows: rowsBefore + rows,
      seconds: seconds + elapsedMs / SECOND_MS,
    };
    this.#options.telemetry.emit(STEPPED, { label, positions, rows, elapsedMs });
  }
}
