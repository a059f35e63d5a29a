import { WEB_LISTS, type WebRequest } from '../contract/web.ts';
import { bucketSql } from './axis-sql.ts';
import type { Axis } from './buckets.ts';
import type { Inquiry } from './insight.ts';
import type { SessionQuestion } from './session-rows.ts';
import { openSettled, SAMPLE_LEVEL, type SettledSessions, steadyContext } from './settled-sessions.ts';
import { bind, integerArray, joinSql, type Sql, sql, type Statement, toStatement } from './sql.ts';
import type { TimeRange } from './time-range.ts';
import {
  channelOfSql,
  countColumns,
  countedSql,
  type Counting,
  countsByList,
  hostSql,
  unfoldedPages,
  unionAll,
  withHosts,
} from './web-lists.ts';
import {
  columnsOf,
  LIST_COLUMNS,
  listNumber,
  numberSql,
  onlyOf,
  TIMES_NUMBER,
  topSql,
  type WebAxes,
  WITH_ABSENT,
} from './web-plan.ts';
import { beganIn, DAY_MS, KEPT_CONTEXT, KEPT_QUESTION, shaped } from './web-rows.ts';
import { countVisitors, type Entry, type ListValue, type VisitorSource } from './web-visitors.ts';

/**
 * Web analytics from settled sessions: those of `web_sessions` that no later event touched, and the others put together from their events. Numbers of whole days come from `web_days`; visitors are counted from the rows
 * (`web-visitors.ts`). Everything is read as of one mark, so that a step of filling changes nothing meanwhile.
 */

/** A question about web analytics, with its periods. */
export interface WebScope {
  readonly request: WebRequest;
  readonly question: SessionQuestion;
  readonly range: TimeRange;
  readonly previous: TimeRange | undefined;
  readonly over: WebAxes | undefined;
}

/** A row as the statement over events has it; `p_` is the period before. */
export interface SettledRow {
  list: number;
  other: number;
  name: string;
  [number: string]: number | string;
}

/** What was found, and the statement that found the numbers. */
export interface SettledAnswer {
  readonly rows: readonly SettledRow[];
  readonly statement: Statement;
  /** Whether the statement found the visitors too. */
  readonly counting: Counting;
}

const isSame = (a: readonly string[] | undefined, b: readonly string[] | undefined): boolean =>
  JSON.stringify([...new Set(a)].sort()) === JSON.stringify([...new Set(b)].sort());

/** Whether the rows that are kept are those that the question means. */
const isKept = ({ types, filter, views, passive }: SessionQuestion): boolean =>
  types === undefined &&
  filter === undefined &&
  views.filter === undefined &&
  isSame(views.types, KEPT_QUESTION.views.types) &&
  isSame(passive, KEPT_QUESTION.passive);

/** Answers from settled sessions; undefined where they do not answer it, or too few are settled. */
export const answerSettled = async (
  scope: WebScope,
  inquiry: Inquiry,
): Promise<SettledAnswer | undefined> => {
  if (!isKept(scope.question)) return undefined;
  const { range, previous } = scope;
  const whole = { fromMs: previous?.fromMs ?? range.fromMs, toMs: range.toMs };
  const sessions = await openSettled(inquiry, whole);
  if (sessions === undefined) return undefined;
  const settled = new Settled(scope, inquiry, sessions, whole);
  await settled.look();
  return settled.answer();
};

interface Period {
  readonly prefix: '' | 'p_';
  readonly range: TimeRange;
  readonly axis: Axis | undefined;
}

/** With fewer sessions nearly all visitors are counted from all rows, so it does not matter how many sessions each has. */
const SAMPLED_SESSIONS_MIN = 200_000;

class Settled {
  readonly #scope: WebScope;
  readonly #inquiry: Inquiry;
  readonly #sessions: SettledSessions;
  readonly #whole: TimeRange;
  readonly #periods: readonly Period[];
  /** Visitors are counted with everything else, or after it where there are many sessions. */
  readonly #counting: Counting;
  /** Generations of `web_days` by day. */
  #panes: readonly { day: number; generation: string }[] = [];

  constructor(scope: WebScope, inquiry: Inquiry, sessions: SettledSessions, whole: TimeRange) {
    this.#scope = scope;
    this.#inquiry = inquiry;
    this.#sessions = sessions;
    this.#whole = whole;
    this.#counting = sessions.sessions < inquiry.visitorsApartMin ? 'distinct' : 'plain';
    const { range, previous, over } = scope;
    this.#periods = [
      { prefix: '', range, axis: over?.now },
      ...(previous === undefined ? [] : [{ prefix: 'p_' as const, range: previous, axis: over?.before }]),
    ];
  }

  get #ofProject(): Sql {
    return this.#sessions.ofProject;
  }

  /** Looks for what rows and panes do not tell. */
  async look(): Promise<void> {
    const [dirty, panes] = await Promise.all([this.#sessions.look(), this.#findPanes()]);
    this.#panes = panes.filter(({ day }) => !dirty.has(day));
  }

  async #findPanes(): Promise<{ day: number; generation: string }[]> {
    // They know nothing of visitors, nor of what stands in several lists.
    if (this.#counting === 'distinct' || Object.keys(this.#scope.request.only).length > 0) return [];
    const within = this.#periods.map(
      ({ range }) =>
        sql`(day >= ${bind('Int64', String(Math.ceil(range.fromMs / DAY_MS)))} AND day < ${bind('Int64', String(Math.floor(range.toMs / DAY_MS)))})`,
    );
    const upTo = bind('String', this.#sessions.generation);
    const statement = sql`SELECT day, argMaxIf(generation, (base, generation), kind = 'pane' AND base <= ${upTo}) AS pane FROM web_steps
      WHERE ${this.#ofProject} AND (${joinSql(within, ' OR ')})
      GROUP BY day HAVING pane != '' AND maxIf(base, kind = 'pane' AND base <= ${upTo}) >= maxIf(generation, kind = 'changed' AND generation <= ${upTo})`;
    const rows = await this.#inquiry.read<{ day: number; pane: string }>(toStatement(statement));
    return rows.map(({ day, pane }) => ({ day, generation: pane }));
  }

  /** Rows that count and that no event touched. */
  #rows(condition: Sql, first?: Sql): Sql {
    const { request } = this.#scope;
    return onlyOf(request.only, withHosts(request.own_hosts, this.#sessions.rows(condition, first)));
  }

  /** Sessions that are put together from their events: touched or long ones. Undefined where there are none. */
  #fresh(): Sql | undefined {
    const { request } = this.#scope;
    const context = { ...steadyContext(this.#inquiry, 'UTC'), columns: KEPT_CONTEXT.columns };
    const rows = this.#sessions.fresh(KEPT_QUESTION, context, columnsOf(KEPT_QUESTION, context));
    if (rows === undefined) return undefined;
    const named = sql`(SELECT *, ${bind('String', this.#inquiry.project)} AS project FROM ${rows})`;
    return onlyOf(request.only, withHosts(request.own_hosts, shaped(named)));
  }

  /** The same, a row for each list and entry that a session is in. */
  #unfolded(): Sql | undefined {
    const rows = this.#fresh();
    if (rows === undefined) return undefined;
    const columns = Object.entries(LIST_COLUMNS) as [keyof typeof LIST_COLUMNS, Sql][];
    const entries = columns.map(
      ([list, column]) => sql`(${numberSql(listNumber(list))}, toString(${column}), toUInt64(views))`,
    );
    const { over } = this.#scope;
    if (over !== undefined) {
      const name = (axis: Axis) => sql`toString(${bucketSql(axis, sql`began`)})`;
      const bucket =
        over.before === undefined
          ? name(over.now)
          : sql`if(${this.#isNow}, ${name(over.now)}, concat('p', ${name(over.before)}))`;
      entries.push(sql`(${numberSql(TIMES_NUMBER)}, ${bucket}, toUInt64(views))`);
    }
    const places = sql`arrayConcat([(toUInt8(0), '', toUInt64(views)), ${joinSql(entries, ', ')}],
      arrayMap((one, n) -> (${numberSql(listNumber('pages'))}, one, toUInt64(n)), seen, seen_views))`;
    return sql`(SELECT *, tupleElement(place, 1) AS list, tupleElement(place, 2) AS value, tupleElement(place, 3) AS n
      FROM (SELECT began, duration, views, bounced, visitor, level, arrayJoin(${places}) AS place FROM ${rows}) WHERE ${IS_THERE})`;
  }

  get #isNow(): Sql {
    return sql`(began >= ${bind('Int64', String(this.#scope.range.fromMs))})`;
  }

  /** What of a period is not in panes. */
  #withoutPanes({ fromMs, toMs }: TimeRange): TimeRange[] {
    const days = this.#panes
      .map(({ day }) => ({ fromMs: day * DAY_MS, toMs: (day + 1) * DAY_MS }))
      .filter((day) => day.fromMs >= fromMs && day.toMs <= toMs)
      .sort((a, b) => a.fromMs - b.fromMs);
    const rest: TimeRange[] = [];
    let atMs = fromMs;
    for (const day of [...days, { fromMs: toMs, toMs }]) {
      if (atMs < day.fromMs) rest.push({ fromMs: atMs, toMs: day.fromMs });
      atMs = day.toMs;
    }
    return rest;
  }

  async answer(): Promise<SettledAnswer> {
    const statement = toStatement(this.#numbers());
    const read = await this.#inquiry.read<SettledRow>(statement);
    const rows = read.map((row) => ({ ...row }));
    if (this.#counting === 'plain') await this.#countVisitors(rows);
    return { rows, statement, counting: this.#counting };
  }

  async #countVisitors(rows: readonly SettledRow[]): Promise<void> {
    const perVisitor = await this.#perVisitor(rows);
    await Promise.all(
      this.#periods.map(async (period) => {
        const visitors = await countVisitors(this.#entriesOf(period, rows), this.#sources(period), {
          read: (text) =>
            this.#inquiry.read<{ place: number | string; n: number | string }>(toStatement(text)),
          perVisitor,
        });
        for (const { row, visitors: n } of visitors) (row as SettledRow)[`${period.prefix}visitors`] = n;
      }),
    );
  }

  /** Sessions a visitor, more or less: by a small part of the visitors, where there are many. */
  async #perVisitor(rows: readonly SettledRow[]): Promise<number> {
    const all = rows.find(({ list }) => list === 0);
    if (Number(all?.['sessions'] ?? 0) + Number(all?.['p_sessions'] ?? 0) < SAMPLED_SESSIONS_MIN) return 1;
    const sample = sql`SELECT count() AS sessions, uniq(visitor) AS visitors FROM ${this.#rows(sql`level >= ${bind('UInt64', SAMPLE_LEVEL)} AND ${beganIn([this.#whole])}`)}`;
    const [row] = await this.#inquiry.read<{ sessions: number | string; visitors: number | string }>(
      toStatement(sample),
    );
    return Number(row?.sessions ?? 0) === 0 ? 1 : Number(row?.sessions) / Number(row?.visitors);
  }

  /** The numbers of all entries; without their visitors, if those are counted after it. */
  #numbers(): Sql {
    const { request } = this.#scope;
    const parts: Sql[] = [];
    const counting = this.#counting;
    const counts = countColumns(counting);
    const columns = sql`is_now, list, value, full_channel, own_channel, ${counts}`;
    const rest = this.#periods.flatMap(({ range }) => this.#withoutPanes(range));
    if (rest.length > 0) {
      const rows = sql`(SELECT *, toUInt8(${this.#isNow}) AS is_now FROM ${this.#rows(beganIn(rest))})`;
      parts.push(
        ...countsByList(sql`is_now`, rows, counting).map((list) => sql`SELECT ${columns} FROM (${list})`),
      );
    }
    for (const period of this.#periods)
      if (period.axis !== undefined) parts.push(this.#bucketCounts(period, period.axis));
    if (this.#panes.length > 0) parts.push(this.#paneCounts(counts));
    const fresh = this.#unfolded();
    const ofFresh =
      fresh === undefined
        ? []
        : [
            sql`SELECT toUInt8(${this.#isNow}) AS is_now, list, value, ${countedSql(sql`n`, counting)}
              FROM ${fresh} GROUP BY is_now, list, value`,
          ];
    const { own_hosts: ownHosts } = request;
    const places = sql`if(list = ${numberSql(listNumber('sources'))},
      [(list, toString(${hostSql(ownHosts, sql`value`)})), (${numberSql(listNumber('channels'))}, toString(${channelOfSql(ownHosts, sql`value`)}))], [(list, value)])`;
    const stored =
      parts.length === 0
        ? []
        : [
            sql`SELECT is_now, tupleElement(place, 1) AS list, tupleElement(place, 2) AS value, ${counts} FROM (SELECT is_now, arrayJoin(${places}) AS place, ${counts} FROM ${unionAll(parts)})`,
          ];
    const all = [...stored, ...ofFresh];
    const numbers = counting === 'distinct' ? [...NUMBERS, VISITORS] : NUMBERS;
    const each = (of: (number: Counted, isNow: Sql, prefix: Sql) => Sql): Sql =>
      joinSql(
        this.#periods.flatMap(({ prefix }) =>
          numbers.map((number) =>
            prefix === '' ? of(number, sql`is_now = 1`, sql``) : of(number, sql`is_now = 0`, sql`p_`),
          ),
        ),
        ', ',
      );
    const grouped = each(
      ({ kept, answered, groups }, isNow, prefix) =>
        sql`${groups}If(${kept}, ${isNow}) AS ${prefix}${answered}_g`,
    );
    const merged = each(
      ({ answered, merges }, _isNow, prefix) =>
        sql`${merges}(${prefix}${answered}_g) AS ${prefix}${answered}`,
    );
    const weight = sql`if(list = ${numberSql(listNumber('pages'))}, views_sum_g, sessions_g)`;
    return sql`SELECT list, rank > ${topSql(request)} AND list != ${numberSql(TIMES_NUMBER)} AS other, if(other, '', value) AS name, ${merged}
      FROM (SELECT *, row_number() OVER (PARTITION BY list ORDER BY ${weight} DESC, value) AS rank
        FROM (SELECT list, value, ${grouped} FROM ${unionAll(all)} WHERE ${IS_THERE} GROUP BY list, value))
      GROUP BY list, other, name`;
  }

  #bucketCounts({ prefix, range }: Period, axis: Axis): Sql {
    const [isNow, name] =
      prefix === ''
        ? [sql`toUInt8(1)`, sql`toString(bucket)`]
        : [sql`toUInt8(0)`, sql`concat('p', toString(bucket))`];
    return sql`SELECT ${isNow} AS is_now, ${numberSql(TIMES_NUMBER)} AS list, ${name} AS value, '' AS full_channel, '' AS own_channel, ${countedSql(sql`views`, this.#counting)}
      FROM (SELECT views, bounced, duration, visitor, ${bucketSql(axis, sql`began`)} AS bucket FROM ${this.#rows(beganIn([range]))}) GROUP BY bucket`;
  }

  #paneCounts(counts: Sql): Sql {
    const days = integerArray(this.#panes.map(({ day }) => day));
    const generations = bind(
      'Array(String)',
      this.#panes.map(({ generation }) => generation),
    );
    const isNow = sql`day >= ${bind('Int64', String(Math.ceil(this.#scope.range.fromMs / DAY_MS)))}`;
    return sql`SELECT toUInt8(${isNow}) AS is_now, list, value, toString(full_channel) AS full_channel, toString(own_channel) AS own_channel, ${counts}
      FROM web_days WHERE ${this.#ofProject} AND has(${days}, day) AND (toInt64(day), toString(generation)) IN (SELECT arrayJoin(arrayZip(${days}, ${generations})))`;
  }

  /** The entries of a period whose visitors are asked for. */
  #entriesOf({ prefix, axis }: Period, rows: readonly SettledRow[]): Entry[] {
    return rows.flatMap((row) => {
      const sessions = Number(row[`${prefix}sessions`]);
      row[`${prefix}visitors`] = 0;
      if (sessions === 0 || (row.list === TIMES_NUMBER && row.name.startsWith('p') === (prefix === '')))
        return [];
      const name = row.list === TIMES_NUMBER && axis !== undefined ? row.name.replace('p', '') : row.name;
      return [{ row, list: row.list, name, isOther: row.other === 1, sessions }];
    });
  }

  #sources({ prefix, range, axis }: Period): VisitorSource {
    const { own_hosts: ownHosts } = this.#scope.request;
    const pages = listNumber('pages');
    const same = (column: Sql) => ({ read: column, given: column });
    const valueOf = (list: number): ListValue | undefined => {
      if (list === 0) return same(sql`''`);
      if (list === TIMES_NUMBER)
        return axis && { ...same(sql`toString(${bucketSql(axis, sql`began`)})`), isComputed: true };
      if (list === pages) return same(sql`one`);
      if (list === listNumber('sources'))
        return { read: hostSql(ownHosts, sql`referring`), given: sql`host` };
      if (list === listNumber('channels'))
        return { read: channelOfSql(ownHosts, sql`referring`), given: sql`channel` };
      const name = WEB_LISTS[list - 1];
      return name === undefined || name === 'pages' ? undefined : same(LIST_COLUMNS[name]);
    };
    const rows = (first: Sql): Sql => this.#rows(beganIn([range]), first);
    const pageRows = (first: Sql): Sql => unfoldedPages(rows(first));
    const isPresent = (list: number): boolean => {
      const name = WEB_LISTS[list - 1];
      return name !== undefined && !WITH_ABSENT.has(name);
    };
    const unfolded = this.#unfolded();
    const isOfPeriod = prefix === '' ? this.#isNow : sql`NOT ${this.#isNow}`;
    const value =
      prefix === '' ? sql`value` : sql`if(list = ${numberSql(TIMES_NUMBER)}, substring(value, 2), value)`;
    return {
      ...{ rows, pageRows, pages, valueOf, isPresent },
      fresh:
        unfolded &&
        sql`(SELECT visitor, level, list, ${value} AS name FROM (SELECT * FROM ${unfolded} WHERE ${isOfPeriod}))`,
    };
  }
}

/** Lists that leave out sessions without a value. */
const IS_THERE = sql`(value != '' OR NOT has(${bind(
  'Array(UInt64)',
  WEB_LISTS.filter((list) => !WITH_ABSENT.has(list)).map(listNumber),
)}, toUInt64(list)))`;

/** What is counted, as rows have it and as answers are made of it: of an entry, and of all entries that are not named together. */
interface Counted {
  readonly kept: Sql;
  readonly answered: Sql;
  /** The aggregate functions of the first and the second. */
  readonly groups: Sql;
  readonly merges: Sql;
}

const summed = (kept: Sql, answered: Sql): Counted => ({
  kept,
  answered,
  groups: sql`sum`,
  merges: sql`sum`,
});

const NUMBERS: readonly Counted[] = [
  summed(sql`sessions_n`, sql`sessions`),
  summed(sql`views_n`, sql`views_sum`),
  summed(sql`viewed_n`, sql`viewed`),
  summed(sql`bounces_n`, sql`bounces`),
  summed(sql`duration_n`, sql`duration_sum`),
];

const VISITORS: Counted = {
  ...{ kept: sql`visitors_n`, answered: sql`visitors` },
  ...{ groups: sql`uniqMergeState`, merges: sql`uniqMerge` },
};
