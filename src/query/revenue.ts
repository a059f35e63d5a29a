import type {
  RevenueAnswer,
  RevenueFigure,
  RevenueFigures,
  RevenueRequest,
  RevenueSeries,
} from '../contract/revenue.ts';
import { QUERY_LIMITS } from '../contract/question.ts';
import { compareText } from '../lib/compare-text.ts';
import { bucketSql, placeOnAxis } from './axis-sql.ts';
import { type Axis, axisOf, bucketLabels } from './buckets.ts';
import { type Field, propertyKeys } from './fields.ts';
import { fieldsOfFilter, type FilterContext, filterSql, type ParsedFilter, parseFilter } from './filter.ts';
import { groupOf, keySql, parseGroupFields, topGroupSql } from './groups.ts';
import { explanationOf, type Insight } from './insight.ts';
import { invalidAt } from '../http/request-problem.ts';
import { seenEvents } from './seen.ts';
import { fieldsOfSelector, type ParsedSelector, parseSelector, selectorSql } from './selector.ts';
import { bindInstant, joinSql, type Sql, sql, type Statement, toStatement } from './sql.ts';
import { parseTimeZone, type TimeRange } from './time-range.ts';
import { revenueTable } from './revenue-table.ts';

/** Money, orders and buyers, one series a currency. */
export const revenueInsight: Insight<RevenueRequest, RevenueAnswer> = {
  table: revenueTable,
  async answer(request, inquiry) {
    const parsed = parseRevenue(request);
    const { timeZone } = parsed;
    const range = await inquiry.range(request.range, timeZone);
    const axis = axisOf(request.interval, range, timeZone);
    checkCells(parsed, axis);
    inquiry.usesProperties(parsed.keys);
    const { project } = inquiry;
    const context = inquiry.context(timeZone);
    const statement = revenueStatement({ parsed, range, axis, project, context });
    const rows = await inquiry.read<RevenueRow>(statement);
    return {
      kind: 'revenue',
      source: 'events',
      ...inquiry.frame(
        range,
        timeZone,
        request.explain ? explanationOf(statement, 'No rollup holds orders and buyers.') : undefined,
      ),
      interval: axis.interval,
      buckets: bucketLabels(axis, timeZone),
      incomplete: { first: (axis.starts[0] ?? range.fromMs) < range.fromMs, last: axis.endMs > range.toMs },
      series: seriesOf(parsed, axis, rows),
    };
  },
};

interface ParsedRevenue {
  readonly request: RevenueRequest;
  readonly events: ParsedSelector;
  readonly filter: ParsedFilter | undefined;
  readonly by: readonly Field[];
  readonly timeZone: string;
  readonly keys: readonly string[];
}

const parseRevenue = (request: RevenueRequest): ParsedRevenue => {
  const events = parseSelector(request.events, 'events');
  const filter = request.filter === undefined ? undefined : parseFilter(request.filter);
  const by = parseGroupFields(request.by);
  const conditions = fieldsOfFilter(filter);
  return {
    request,
    events,
    filter,
    by,
    timeZone: parseTimeZone(request.timezone),
    keys: propertyKeys([...by, ...conditions, ...fieldsOfSelector(events)]),
  };
};

/** Two rows a bucket and group at least: its active users, and its money in one currency. */
const ROWS_A_CELL = 2;

const checkCells = ({ request, by }: ParsedRevenue, axis: Axis): void => {
  const groups = by.length === 0 ? 1 : request.top + 1;
  const cells = groups * (axis.starts.length + 1) * ROWS_A_CELL;
  if (cells <= QUERY_LIMITS.cellsMax) return;
  throw invalidAt(
    'top',
    `${groups.toLocaleString('en')} groups in ${axis.starts.length.toLocaleString('en')} buckets are too many to be answered. Take fewer groups, a coarser interval or a shorter range.`,
  );
};

interface RevenueQuestion {
  readonly parsed: ParsedRevenue;
  readonly range: TimeRange;
  readonly axis: Axis;
  readonly project: string;
  readonly context: FilterContext;
}

/** One row a group, bucket (or the whole range: `whole` = 1) and currency (or all of them, which only tells the active users: `every` = 1). */
interface RevenueRow {
  /** One key a field of the break-down; none of them for `other`. */
  readonly g: readonly string[];
  readonly b: number | string;
  readonly cur: string;
  readonly whole: number | string;
  readonly every: number | string;
  readonly users: number | string;
  readonly gross: string;
  readonly refunded: string;
  readonly net: string;
  readonly orders: number | string;
  readonly refunds: number | string;
  readonly buyers: number | string;
}

const revenueStatement = (question: RevenueQuestion): Statement => {
  const { parsed, range, project, context } = question;
  const where = joinSql(
    [
      seenEvents(project, context),
      sql`time >= ${bindInstant(range.fromMs)} AND time < ${bindInstant(range.toMs)}`,
      ...(parsed.filter === undefined ? [] : [filterSql(parsed.filter, context)]),
    ],
    ' AND ',
  );
  const selected = sql`(isNotNull(value) AND ${selectorSql(parsed.events, context)})`;
  return toStatement(sql`SELECT ${groupSql(question, where, selected)} AS g, ${bucketSql(question.axis, sql`toUnixTimestamp64Milli(time)`)} AS b, toString(currency) AS cur,
      grouping(b) AS whole, grouping(cur) AS every,
      uniqIf(user_id, user_id != '') AS users,
      toString(sumIf(assumeNotNull(value), ${selected} AND value > 0)) AS gross,
      toString(sumIf(-assumeNotNull(value), ${selected} AND value < 0)) AS refunded,
      toString(sumIf(assumeNotNull(value), ${selected})) AS net,
      countIf(${selected} AND value > 0) AS orders,
      countIf(${selected} AND value < 0) AS refunds,
      uniqIf(user_id, user_id != '' AND ${selected} AND value > 0) AS buyers
    FROM events
    WHERE ${where}
    GROUP BY GROUPING SETS ((g, b), (g), (g, b, cur), (g, cur))
    HAVING every = 1 OR countIf(${selected} AND value != 0) > 0`);
};

/** The group of a row. The same groups are named in every currency, so that active users are those of the group. */
const groupSql = ({ parsed, context }: RevenueQuestion, where: Sql, selected: Sql): Sql => {
  const keys = parsed.by.map((field) => keySql(field, context));
  return topGroupSql(keys, sql`events WHERE ${where} AND ${selected} AND value > 0`, parsed.request.top);
};

const NOTHING: RevenueFigures = {
  revenue: 0,
  gross: 0,
  refunded: 0,
  orders: 0,
  refunds: 0,
  buyers: 0,
  average_order: null,
  arpu: null,
  arppu: null,
};

const FIGURES = Object.keys(NOTHING) as readonly RevenueFigure[]; // the keys of a literal of this type

const ratio = (sum: number, of: number): number | null => (of === 0 ? null : sum / of);

const figuresOf = (row: RevenueRow, activeUsers: number): RevenueFigures => {
  const [revenue, gross, refunded] = [Number(row.net), Number(row.gross), Number(row.refunded)];
  const [orders, buyers] = [Number(row.orders), Number(row.buyers)];
  return {
    revenue,
    gross,
    refunded,
    orders,
    refunds: Number(row.refunds),
    buyers,
    average_order: ratio(gross, orders),
    arpu: ratio(revenue, activeUsers),
    arppu: ratio(revenue, buyers),
  };
};

const groupKey = ({ g }: RevenueRow): string => JSON.stringify(g);
const cellKey = (row: RevenueRow, slot: number | 'whole'): string => `${groupKey(row)} ${slot}`;

const seriesOf = (parsed: ParsedRevenue, axis: Axis, rows: readonly RevenueRow[]): RevenueSeries[] => {
  const slotOf = placeOnAxis(axis);
  const placeOf = (row: RevenueRow): number | 'whole' => (Number(row.whole) === 1 ? 'whole' : slotOf(row.b));
  const active = new Map(
    rows
      .filter(({ every }) => Number(every) === 1)
      .map((row) => [cellKey(row, placeOf(row)), Number(row.users)]),
  );
  const activeAt = (row: RevenueRow, place: number | 'whole'): number => active.get(cellKey(row, place)) ?? 0;
  const money = rows.filter(({ every }) => Number(every) === 0);
  const totals = money.filter(({ whole }) => Number(whole) === 1);
  const byBucket = Map.groupBy(
    money.filter(({ whole }) => Number(whole) === 0),
    (row) => `${row.cur} ${groupKey(row)}`,
  );
  return totals
    .map((total) => {
      const buckets = axis.starts.map((_, place): RevenueFigures => {
        const users = activeAt(total, place);
        return { ...NOTHING, arpu: ratio(0, users) };
      });
      for (const row of byBucket.get(`${total.cur} ${groupKey(total)}`) ?? []) {
        const place = slotOf(row.b);
        buckets[place] = figuresOf(row, activeAt(row, place));
      }
      return toSeries(parsed, total, activeAt(total, 'whole'), buckets);
    })
    .sort(bySize);
};

const toSeries = (
  { by, request }: ParsedRevenue,
  total: RevenueRow,
  activeUsers: number,
  buckets: readonly RevenueFigures[],
): RevenueSeries => {
  return {
    ...groupOf(by, request.by, total.g),
    currency: total.cur === '' ? null : total.cur,
    active_users: activeUsers,
    total: figuresOf(total, activeUsers),
    revenue_exact: total.net,
    values: Object.fromEntries(
      FIGURES.map((figure) => [figure, buckets.map((figures) => figures[figure])]),
    ) as RevenueSeries['values'],
  };
};

/** Currency by currency; in each the largest revenue first, "other" last. Ties by group, so that the order is always the same. */
const bySize = (a: RevenueSeries, b: RevenueSeries): number =>
  compareText(a.currency ?? '', b.currency ?? '') ||
  Number(a.other) - Number(b.other) ||
  b.total.revenue - a.total.revenue ||
  compareText(JSON.stringify(a.group), JSON.stringify(b.group));
