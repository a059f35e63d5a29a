import type { Explanation, Freshness, QueryStatisticsAnswer, RangeInput } from '../contract/question.ts';
import type { Table } from '../table/table.ts';
import { asOf, freshnessOf, type Standing } from './freshness.ts';
import { isoOf } from './instant.ts';
import type { PropertyColumns, ReadResult } from './ports.ts';
import { bind, sql, type Statement, toStatement } from './sql.ts';
import { checkSize } from './statement-size.ts';
import { PANE_MS, parseRange, type TimeRange } from './time-range.ts';

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

/** What an inquiry is made of. */
export interface InquiryOptions {
  readonly project: string;
  /** Taken before the first statement. */
  readonly standing: Standing;
  readonly columns: PropertyColumns;
  readonly read: Read;
  /** Milliseconds since the question came. */
  readonly elapsedMs: () => number;
}

const SECOND_MS = 1_000;
const TENTHS = 10;

/** Milliseconds as answers tell them. */
export const toTenths = (ms: number): number => Math.round(ms * TENTHS) / TENTHS;

/** One question of one project being answered: the moment that it is asked at, the way to the warehouse, and what that cost so far. */
export class Inquiry {
  readonly project: string;
  /** When the question was asked: "now" of all its parts. */
  readonly nowMs: number;
  readonly columns: PropertyColumns;
  readonly #options: InquiryOptions;
  #rowsRead: number | null = null;
  #bytesRead: number | null = null;

  constructor(options: InquiryOptions) {
    this.#options = options;
    this.project = options.project;
    this.nowMs = options.standing.nowMs;
    this.columns = options.columns;
  }

  /** Says which keys of `properties` the question reads: those that are asked for often get a column. */
  usesProperties(keys: readonly string[]): void {
    this.columns.asked(this.project, keys);
  }

  /** The rows of a statement, which must be confined to `project`. */
  async read<Row>(statement: Statement): Promise<Row[]> {
    checkSize(statement);
    const { rows, statistics } = await this.#options.read<Row>(statement);
    this.#rowsRead = sumOf(this.#rowsRead, statistics.rowsRead);
    this.#bytesRead = sumOf(this.#bytesRead, statistics.bytesRead);
    return rows;
  }

  /** The range of a request. "all time" is from the pane of the first event to that of the last. Throws ApiError `invalid_request`. */
  async range(input: RangeInput, timeZone: string): Promise<TimeRange> {
    const range = parseRange(input, this.nowMs, timeZone);
    return range === 'all' ? await this.#everything() : range;
  }

  async #everything(): Promise<TimeRange> {
    const statement =
      toStatement(sql`SELECT toUnixTimestamp64Second(min(pane)) AS first, toUnixTimestamp64Second(max(pane)) AS last, count() AS n
      FROM rollup_10s WHERE project = ${bind('String', this.project)}`);
    const [row] = await this.read<Record<'first' | 'last' | 'n', number | string>>(statement);
    const isEmpty = row === undefined || Number(row.n) === 0;
    const running = Math.floor(this.nowMs / PANE_MS) * PANE_MS;
    const [firstMs, lastMs] = isEmpty
      ? [running, running]
      : [Number(row.first) * SECOND_MS, Number(row.last) * SECOND_MS];
    return { fromMs: firstMs, toMs: lastMs + PANE_MS };
  }

  /** What the answer says beside its numbers. Made when the last statement was read. */
  frame(range: TimeRange, timeZone: string, explanation?: Explanation): AnswerFrame {
    const { standing, elapsedMs } = this.#options;
    return {
      as_of: asOf(standing),
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

const sumOf = (sum: number | null, more: number | undefined): number | null =>
  more === undefined ? sum : (sum ?? 0) + more;

/** How an answer came about, for requests with `explain`. */
export const explanationOf = ({ text, params }: Statement, sourceReason: string): Explanation => ({
  source_reason: sourceReason,
  sql: text,
  parameters: { ...params },
});
