import type { Explanation, Freshness, QueryStatisticsAnswer, RangeInput } from '../contract/question.ts';
import type { Table } from '../table/table.ts';
import type { Pinned } from './as-of.ts';
import type { FilterContext } from './filter.ts';
import { asOf, freshnessOf, type Standing } from './freshness.ts';
import { isoOf } from './instant.ts';
import {
  type DerivedSource,
  nothingDerived,
  type PropertyColumns,
  type ReadResult,
  type WindowsNext,
  type SavedMetric,
} from './ports.ts';
import type { KeptLayout } from './kept-metric.ts';
import { type Derivations, NOTHING_DERIVED } from './derivations.ts';
import { type Filled, SEAM_MOVED } from './rollup-rows.ts';
import { bind, sql, type Statement, toStatement } from './sql.ts';
import { seenEvents } from './seen.ts';
import { checkSize } from './statement-size.ts';
import { PANE_MS, parseRange, type TimeRange } from './time-range.ts';
import { WarehouseError } from '../warehouse/warehouse-error.ts';

/**
 * One kind of question: how it is answered. Its request and answer are types of `contract/`. To add one: its schemas in a file of `contract/` and in the unions of `contract/query.ts`,
 * the way to its answer in a file of its own here, and a line in `insights.ts`.
 */
export interface Insight<Request, Answer> {
  /** Answers a request that met its schema. Throws ApiError for what the client can do something about. */
  answer(request: Request, inquiry: Inquiry): Promise<Answer>;
  /** The flat form of an answer: what CSV and the other formats of tables are made of. Absent: it has none. */
  readonly table?: (answer: Answer, request: Request) => Table;
}

/** What every answer says beside its numbers. */
export interface AnswerFrame {
  readonly as_of: string | null;
  readonly freshness: Freshness;
  readonly range: { readonly from: string; readonly to: string; readonly timezone: string };
  readonly statistics: QueryStatisticsAnswer;
  readonly explain?: Explanation;
}

/** One statement read, with errors as a client is told of them. */
export type Read = <Row>(statement: Statement) => Promise<ReadResult<Row>>;

/** What is kept of a metric. */
export interface KeptSource {
  readonly layout: KeptLayout;
  readonly table: DerivedSource;
}

/** What an inquiry is made of. */
export interface InquiryOptions {
  readonly project: string;
  /** Taken before the first statement. */
  readonly standing: Standing;
  /** The moment that the question is pinned to. */
  readonly pinned?: Pinned | undefined;
  readonly columns: PropertyColumns;
  readonly read: Read;
  /** Milliseconds since the question came. */
  readonly elapsedMs: () => number;
  /** The rollup of 15 minutes; without it there is none. */
  readonly coarse?: DerivedSource | undefined;
  /** What is kept of metrics; without it nothing is. */
  readonly kept?: ((metric: SavedMetric) => KeptSource | undefined) | undefined;
  /** How far the windows of metrics are kept; without it as far as they tell. */
  readonly windowsNext?: WindowsNext | undefined;
  /** How late events may be; a day if absent. */
  readonly staleLimitMs?: number | undefined;
  /** From so many sessions on web analytics read those that are kept; fewer are put together from their events as fast. */
  readonly keptSessionsMin?: number | undefined;
  /** From so many sessions on the visitors of web analytics are counted apart: of named entries only, from as few rows as will do. */
  readonly visitorsApartMin?: number | undefined;
}

const TENTHS = 10;
const STALE_LIMIT_MS = 86_400_000;
const KEPT_SESSIONS_MIN = 20_000;
const VISITORS_APART_MIN = 1_000_000;
/** From the stamp of receipt to the log, where events that are not in the warehouse are counted. */
const UNDER_WAY_MS = 60_000;

/** Milliseconds as answers tell them. */
export const toTenths = (ms: number): number => Math.round(ms * TENTHS) / TENTHS;

/** One question of one project being answered: the moment that it is asked at, the way to the warehouse, and what that cost so far. */
export class Inquiry {
  readonly project: string;
  /** When the question was asked, or the moment that it is pinned to: "now" of all its parts. */
  readonly nowMs: number;
  /** The last position that the question sees; undefined: it sees all that is loaded. */
  readonly asOf: number | undefined;
  readonly columns: PropertyColumns;
  readonly #options: InquiryOptions;
  readonly #statements: Statement[] = [];
  #rowsRead: number | null = null;
  #bytesRead: number | null = null;

  constructor(options: InquiryOptions) {
    this.#options = options;
    this.project = options.project;
    this.nowMs = options.pinned?.atMs ?? options.standing.nowMs;
    this.asOf = options.pinned?.position;
    this.columns = options.columns;
  }

  /** From so many sessions on those that are kept are read. */
  get keptSessionsMin(): number {
    return this.#options.keptSessionsMin ?? KEPT_SESSIONS_MIN;
  }

  /** From so many sessions on visitors are counted apart from the other numbers. */
  get visitorsApartMin(): number {
    return this.#options.visitorsApartMin ?? VISITORS_APART_MIN;
  }

  /** When no live event of before an instant is taken in any more, and none is under way. */
  closesAtMs(endMs: number): number {
    return endMs + (this.#options.staleLimitMs ?? STALE_LIMIT_MS) + UNDER_WAY_MS;
  }

  /** What was received before is in the warehouse. */
  get loadedUntilMs(): number {
    return Math.min(this.nowMs, ...this.#options.standing.pending.map(({ minute }) => minute));
  }

  /** Events of governed positions before this are in the windows of a metric, as far as is known. */
  windowsNext(metric: string, version: number): number {
    return this.#options.windowsNext?.(metric, version) ?? Number.NEGATIVE_INFINITY;
  }

  /** Events of governed positions before this are loaded. */
  get loadedNext(): number {
    return this.#options.standing.governedLoaded;
  }

  /** What all parts of the question are compiled with. */
  context(timeZone: string): FilterContext {
    const { columns, nowMs, asOf: position } = this;
    return { columns, nowMs, timeZone, asOf: position };
  }

  /** Says which keys of `properties` the question reads: those that are asked for often get a column. */
  usesProperties(keys: readonly string[]): void {
    this.columns.asked(this.project, keys);
  }

  /** The statements that were read. */
  get statements(): readonly Statement[] {
    return this.#statements;
  }

  /** The rows of a statement, which must be confined to `project`. */
  async read<Row>(statement: Statement): Promise<Row[]> {
    checkSize(statement);
    this.#statements.push(statement);
    const { rows, statistics } = await this.#options.read<Row>(statement);
    this.#rowsRead = sumOf(this.#rowsRead, statistics.rowsRead);
    this.#bytesRead = sumOf(this.#bytesRead, statistics.bytesRead);
    return rows;
  }

  /**
   * Does work that reads a derived table, as far as that is filled. A step that fills it further meanwhile would bring in events twice: then it is done again, and the third time without the table.
   */
  async steadily<T>(work: (derived: Derivations) => Promise<T>, metric?: SavedMetric): Promise<T> {
    const { coarse = nothingDerived, kept } = this.#options;
    for (let attempt = 1; attempt < ATTEMPTS_MAX; attempt++) {
      try {
        return await work(this.derivations(metric));
      } catch (error) {
        if (!isMovedSeam(error)) throw error;
        await Promise.all([coarse.settled(), metric && kept?.(metric)?.table.settled()]);
      }
    }
    return work(NOTHING_DERIVED);
  }

  /** Derived tables as far as they are filled now. */
  derivations(metric?: SavedMetric): Derivations {
    const { coarse = nothingDerived, kept: keptOf } = this.#options;
    const kept = metric === undefined ? undefined : keptOf?.(metric);
    return {
      coarse: this.#filled(coarse),
      kept: kept && { layout: kept.layout, filled: this.#filled(kept.table) },
    };
  }

  #filled(table: DerivedSource): Filled {
    const covered = table.covered();
    const { governedLoaded } = this.#options.standing;
    const seen = this.asOf === undefined ? governedLoaded : this.asOf + 1;
    return { covered, isCurrent: table.isCurrent, isHalf: covered * 2 >= seen, hasTail: covered < seen };
  }

  /** The range of a request. "all time" is from the pane of the first event to that of the last. Throws ApiError `invalid_request`. */
  async range(input: RangeInput, timeZone: string): Promise<TimeRange> {
    const range = parseRange(input, this.nowMs, timeZone);
    return range === 'all' ? await this.#everything() : range;
  }

  async #everything(): Promise<TimeRange> {
    const ofRollup = sql`SELECT toUnixTimestamp64Milli(toDateTime64(min(pane), 3, 'UTC')) AS first, toUnixTimestamp64Milli(toDateTime64(max(pane), 3, 'UTC')) AS last, count() AS n
      FROM rollup_10s WHERE project = ${bind('String', this.project)}`;
    const ofEvents = sql`SELECT min(toUnixTimestamp64Milli(time)) AS first, max(toUnixTimestamp64Milli(time)) AS last, count() AS n
      FROM events WHERE ${seenEvents(this.project, this)}`;
    const statement = toStatement(this.asOf === undefined ? ofRollup : ofEvents);
    const [row] = await this.read<Record<'first' | 'last' | 'n', number | string>>(statement);
    const isEmpty = row === undefined || Number(row.n) === 0;
    const paneOf = (ms: number): number => Math.floor(ms / PANE_MS) * PANE_MS;
    const [firstMs, lastMs] = isEmpty ? [this.nowMs, this.nowMs] : [Number(row.first), Number(row.last)];
    return { fromMs: paneOf(firstMs), toMs: paneOf(lastMs) + PANE_MS };
  }

  /** What the answer says beside its numbers. Made when the last statement was read. */
  frame(range: TimeRange, timeZone: string, explanation?: Explanation): AnswerFrame {
    const { standing, elapsedMs } = this.#options;
    return {
      as_of: this.asOf === undefined ? asOf(standing) : String(this.asOf),
      freshness: freshnessOf(standing),
      range: { from: isoOf(range.fromMs), to: isoOf(range.toMs), timezone: timeZone },
      statistics: {
        elapsed_ms: toTenths(elapsedMs()),
        rows_read: this.#rowsRead,
        bytes_read: this.#bytesRead,
      },
      ...(explanation === undefined ? {} : { explain: explanation }),
    };
  }
}

const ATTEMPTS_MAX = 3;

const isMovedSeam = (error: unknown): boolean =>
  error instanceof WarehouseError && error.message.includes(SEAM_MOVED);

const sumOf = (sum: number | null, more: number | undefined): number | null =>
  more === undefined ? sum : (sum ?? 0) + more;

/** How an answer came about, for requests with `explain`. */
export const explanationOf = ({ text, params }: Statement, sourceReason: string): Explanation => ({
  source_reason: sourceReason,
  sql: text,
  parameters: { ...params },
});
