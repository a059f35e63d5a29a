import type { Inquiry } from './insight.ts';
import { seenEvents } from './seen.ts';
import { MARGIN_MS, type SessionColumn, type SessionQuestion, sessionRows } from './session-rows.ts';
import { bind, bindInstant, type Sql, sql, toStatement } from './sql.ts';
import type { FilterContext } from './filter.ts';
import type { TimeRange } from './time-range.ts';
import type { WebMark } from './web-fill.ts';
import {
  beganIn,
  committed,
  DAY_MS,
  daySql,
  EVENT_HOUR,
  HOUR_MS,
  intervalsOf,
  isAlive,
  ROW_COLUMNS,
  ROW_HOURS,
  SESSION_ID,
  timesIn,
  WEB_RULES,
} from './web-rows.ts';

/**
 * Sessions of a range as they are kept in `web_sessions`, but for those that a later event touched and long ones: these are put together from their events. Everything is read as of one mark, so that a step of filling changes nothing
 * meanwhile. Together they are all sessions of the range: `docs/decisions/024-settled-sessions.md`.
 */

/** Of no more sessions than this the rows that are left out are named one by one. */
const NAMED_MAX = 100;

/** At least so much of the time that is asked for must be settled, or all is put together from events as well. */
const SETTLED_SHARE_MIN = 0.5;

/** One of so many sessions is of this level. */
export const SAMPLE_LEVEL = 6;

/** The position behind the last event that is seen. */
const seenTo = ({ asOf, loadedNext }: Inquiry): number => (asOf === undefined ? loadedNext : asOf + 1);

/** What statements of one question see, however much is loaded meanwhile. */
export const steadyContext = (inquiry: Inquiry, timeZone: string): FilterContext => ({
  ...inquiry.context(timeZone),
  asOf: seenTo(inquiry) - 1,
});

/** The sessions of a range; undefined where there are few, or too few are settled: then all are put together from events. */
export const openSettled = async (
  inquiry: Inquiry,
  whole: TimeRange,
): Promise<SettledSessions | undefined> => {
  const mark = await markOf(inquiry, whole);
  if (mark === undefined || mark.sessions < inquiry.keptSessionsMin) return undefined;
  const toMs = Math.min(whole.toMs, inquiry.nowMs);
  if (Math.min(mark.settledMs, toMs) - whole.fromMs < SETTLED_SHARE_MIN * (toMs - whole.fromMs))
    return undefined;
  return new SettledSessions(inquiry, mark, whole);
};

interface CountedMark extends WebMark {
  /** How many sessions are kept of the range, more or less. */
  readonly sessions: number;
}

/** The last mark as of which nothing is known that the question may not see. */
const markOf = async (inquiry: Inquiry, whole: TimeRange): Promise<CountedMark | undefined> => {
  const sample = sql`SELECT count() FROM web_sessions WHERE project = ${bind('String', inquiry.project)} AND level >= ${bind('UInt64', SAMPLE_LEVEL)} AND ${beganIn([whole])}`;
  const statement = sql`SELECT generation, position, settled, (${sample}) AS sample FROM web_steps
    WHERE project = '' AND kind = 'mark' AND rules = ${bind('String', WEB_RULES)} AND position <= ${bind('UInt64', seenTo(inquiry))} ORDER BY generation DESC LIMIT 1`;
  const [row] = await inquiry.read<
    Record<'position' | 'settled' | 'sample', number | string> & { generation: string }
  >(toStatement(statement));
  if (row === undefined) return undefined;
  return {
    ...{ generation: row.generation, position: Number(row.position), settledMs: Number(row.settled) },
    sessions: Number(row.sample) * 2 ** SAMPLE_LEVEL,
  };
};

/** When sessions had events whose rows later events touched, and whose they are. */
interface TouchedHour {
  readonly hour: number | string;
  readonly day: number;
  readonly ids: readonly string[];
}

/** The sessions of a range as of a mark. Get them by `openSettled`, and `look` before anything else. */
export class SettledSessions {
  /** Rows count as of it. */
  readonly generation: string;
  /** How many sessions are kept of the range, more or less. */
  readonly sessions: number;
  readonly #inquiry: Inquiry;
  readonly #mark: WebMark;
  readonly #whole: TimeRange;
  readonly #window: TimeRange;
  /** When the sessions that are put together had events; empty: there are none. */
  #intervals: readonly TimeRange[] = [];
  /** Whether events came that rows do not know. */
  #isTouched = false;
  /** The rows of the sessions that those belong to; undefined: there are too many to name them. */
  #touched: readonly string[] | undefined = [];

  constructor(inquiry: Inquiry, mark: CountedMark, whole: TimeRange) {
    this.generation = mark.generation;
    this.sessions = mark.sessions;
    this.#inquiry = inquiry;
    this.#mark = mark;
    this.#whole = whole;
    this.#window = { fromMs: whole.fromMs - MARGIN_MS, toMs: whole.toMs + MARGIN_MS };
  }

  get ofProject(): Sql {
    return sql`project = ${bind('String', this.#inquiry.project)}`;
  }

  /** Events that the rows do not know. */
  #newEvents(columns: Sql): Sql {
    const seen = seenEvents(this.#inquiry.project, { asOf: seenTo(this.#inquiry) - 1 });
    const { fromMs, toMs } = this.#window;
    const within = sql`session_id != '' AND time >= ${bindInstant(fromMs)} AND time < ${bindInstant(toMs)}`;
    const late = sql`SELECT ${columns} FROM events WHERE ${seen} AND position >= ${bind('UInt64', this.#mark.position)} AND ${within}`;
    const next = sql`SELECT ${columns} FROM events WHERE ${seen} AND time >= ${bindInstant(this.#mark.settledMs)} AND ${within}`;
    return sql`(${late} UNION ALL ${next})`;
  }

  /** What was replaced is confined to the same days: it is held in memory, as often as rows are read in a statement. */
  get #alive(): Sql {
    const { fromMs, toMs } = this.#window;
    const day = (ms: number): Sql => sql`${bind('Int64', String(Math.floor(ms / DAY_MS)))}`;
    const replaced = sql`${this.ofProject} AND day >= ${day(fromMs)} AND day <= ${day(toMs)}`;
    return sql`${this.ofProject} AND ${beganIn([this.#window])} AND ${isAlive(this.#mark.generation, replaced)}`;
  }

  get #long(): Sql {
    return sql`web_long WHERE ${this.ofProject} AND generation IN ${committed(this.#mark.generation)}`;
  }

  /** Looks for what rows do not tell. Answers with the days whose rows are not all that there is. */
  async look(): Promise<ReadonlySet<number>> {
    const { fromMs, toMs } = this.#window;
    const ofLong = sql`SELECT hour, 0 AS is_new FROM ${this.#long}
      AND hour >= ${bind('Int64', String(Math.floor(fromMs / HOUR_MS)))} AND hour < ${bind('Int64', String(Math.ceil(toMs / HOUR_MS)))}`;
    const found = await this.#inquiry.read<{ hour: number | string; is_new: number }>(
      toStatement(
        sql`SELECT DISTINCT hour, is_new FROM (${this.#newEvents(sql`${EVENT_HOUR} AS hour, 1 AS is_new`)} UNION ALL ${ofLong})`,
      ),
    );
    this.#isTouched = found.some(({ is_new: isNew }) => isNew === 1);
    const all = new Set(found.map(({ hour }) => Number(hour)));
    const dirty = new Set<number>();
    if (this.#isTouched)
      for (const { hour, day } of await this.#findTouched()) {
        all.add(Number(hour));
        dirty.add(day);
      }
    this.#intervals = intervalsOf([...all]);
    return dirty;
  }

  async #findTouched(): Promise<readonly TouchedHour[]> {
    const statement = sql`SELECT hour, day, groupUniqArray(${bind('UInt64', NAMED_MAX + 1)})(toString(id)) AS ids FROM (
      SELECT id, ${ROW_HOURS} AS hour, ${daySql(sql`began`)} AS day FROM web_sessions WHERE ${this.#alive} AND id IN ${this.#newEvents(sql`${SESSION_ID}`)})
      GROUP BY hour, day`;
    const hours = await this.#inquiry.read<TouchedHour>(toStatement(statement));
    const named = new Set(hours.flatMap(({ ids }) => ids));
    this.#touched = named.size > NAMED_MAX ? undefined : [...named];
    return hours;
  }

  /** A further condition, which leaves out the rows of sessions that later events belong to. */
  get #untouchedOnly(): Sql {
    if (this.#touched === undefined) return sql` AND id NOT IN ${this.#newEvents(sql`${SESSION_ID}`)}`;
    if (this.#touched.length === 0) return sql``;
    return sql` AND id NOT IN CAST(${bind('Array(String)', this.#touched)} AS Array(UInt64))`;
  }

  /** Rows of `web_sessions` that count and that no event touched. A statement to read from, in brackets. */
  rows(condition: Sql, first?: Sql): Sql {
    const before = first === undefined ? sql`` : sql` PREWHERE ${first}`;
    return sql`(SELECT project, level, ${ROW_COLUMNS} FROM web_sessions${before} WHERE ${this.#alive} AND ${condition}${this.#untouchedOnly})`;
  }

  /** The other sessions, put together from their events as `sessionRows` does. Undefined where there are none. */
  fresh(
    question: SessionQuestion,
    context: FilterContext,
    columns: readonly SessionColumn[],
  ): Sql | undefined {
    if (this.#intervals.length === 0) return undefined;
    const long = sql`SELECT id FROM ${this.#long}`;
    const ids = this.#isTouched
      ? sql`(${long} UNION ALL ${this.#newEvents(sql`${SESSION_ID}`)})`
      : sql`(${long})`;
    return sessionRows(
      question,
      { project: this.#inquiry.project, range: this.#whole, context },
      columns,
      sql`${timesIn(this.#intervals)} AND ${SESSION_ID} IN ${ids}`,
    );
  }
}
