import type { StatisticsAnswer, StatisticsRequest, StatisticsSeries } from '../contract/statistics.ts';
import { compareText } from '../lib/compare-text.ts';
import { type Field, numberOf, parseField, propertyKeys } from './fields.ts';
import { fieldsOfFilter, type FilterContext, filterSql, type ParsedFilter, parseFilter } from './filter.ts';
import { groupOf, keySql, parseGroupFields, topGroupSql } from './groups.ts';
import { explanationOf, type Insight } from './insight.ts';
import { QUANTILE_ACCURACY } from './measure.ts';
import { invalidAt } from '../http/request-problem.ts';
import { seenEvents } from './seen.ts';
import { fieldsOfSelector, type ParsedSelector, parseSelector, selectorConditions } from './selector.ts';
import { bind, bindInstant, joinSql, type Sql, sql, type Statement, toStatement } from './sql.ts';
import { parseTimeZone, type TimeRange } from './time-range.ts';
import { statisticsTable } from './statistics-table.ts';

/** How the numbers of a field are spread, and how they go with those of another. */
export const statisticsInsight: Insight<StatisticsRequest, StatisticsAnswer> = {
  table: statisticsTable,
  async answer(request, inquiry) {
    const parsed = parseStatistics(request);
    const range = await inquiry.range(request.range, parsed.timeZone);
    inquiry.usesProperties(parsed.keys);
    const scope = scopeOf(parsed, range, inquiry.project, inquiry.context(parsed.timeZone));
    const summary = summaryStatement(parsed, scope);
    const rows = await inquiry.read<SummaryRow>(summary);
    const edges = edgesOf(
      request,
      rows.filter(({ n }) => Number(n) > 0),
    );
    const bins = edges.length === 0 ? [] : await inquiry.read<BinRow>(histogramStatement(scope, edges));
    return {
      kind: 'statistics',
      source: 'events',
      ...inquiry.frame(
        range,
        parsed.timeZone,
        request.explain ? explanationOf(summary, 'Single numbers are in no rollup.') : undefined,
      ),
      missing: rows.reduce((sum, { missing }) => sum + Number(missing), 0),
      edges,
      series: seriesOf(parsed, edges, rows, bins),
    };
  },
};

interface ParsedStatistics {
  readonly request: StatisticsRequest;
  readonly of: Field;
  readonly with: Field | undefined;
  readonly events: ParsedSelector;
  readonly filter: ParsedFilter | undefined;
  readonly by: readonly Field[];
  readonly timeZone: string;
  readonly keys: readonly string[];
  /** Money of different currencies never goes into one number. */
  readonly isPerCurrency: boolean;
}

const parseNumber = (name: string, path: string): Field => {
  const field = parseField(name, path);
  if (field.kind === 'value' || field.kind === 'property') return field;
  throw invalidAt(
    path,
    `"${name}" is no number. Take "value" or a numeric property such as "properties.items".`,
  );
};

const parseStatistics = (request: StatisticsRequest): ParsedStatistics => {
  const of = parseNumber(request.of, 'of');
  const other = request.with === undefined ? undefined : parseNumber(request.with, 'with');
  if (other?.name === of.name)
    throw invalidAt('with', 'A field goes perfectly with itself. Name another one.');
  if (request.from !== undefined && request.to !== undefined && request.from >= request.to)
    throw invalidAt('to', '"from" must lie before "to".');
  const events = parseSelector(request.events, 'events');
  const filter = request.filter === undefined ? undefined : parseFilter(request.filter);
  const by = parseGroupFields(request.by);
  const conditions = fieldsOfFilter(filter);
  const fields = [of, ...(other === undefined ? [] : [other]), ...by, ...conditions];
  return {
    request,
    of,
    with: other,
    events,
    filter,
    by,
    timeZone: parseTimeZone(request.timezone),
    keys: propertyKeys([...fields, ...fieldsOfSelector(events)]),
    isPerCurrency: of.kind === 'value' || other?.kind === 'value',
  };
};

/** What both statements share. */
interface Scope {
  readonly where: Sql;
  readonly group: Sql;
  readonly currency: Sql;
  /** The numbers, NULL where there is none. */
  readonly x: Sql;
  readonly y: Sql;
}

const scopeOf = (
  parsed: ParsedStatistics,
  range: TimeRange,
  project: string,
  context: FilterContext,
): Scope => {
  const x = numberOf(parsed.of, context.columns);
  const where = joinSql(
    [
      seenEvents(project, context),
      sql`time >= ${bindInstant(range.fromMs)} AND time < ${bindInstant(range.toMs)}`,
      ...selectorConditions(parsed.events, context),
      ...(parsed.filter === undefined ? [] : [filterSql(parsed.filter, context)]),
    ],
    ' AND ',
  );
  return {
    where,
    group: groupSql(parsed, context, where, x),
    currency: parsed.isPerCurrency ? sql`toString(currency)` : sql`''`,
    x,
    y:
      parsed.with === undefined
        ? sql`CAST(NULL AS Nullable(Float64))`
        : numberOf(parsed.with, context.columns),
  };
};

const groupSql = ({ by, request }: ParsedStatistics, context: FilterContext, where: Sql, x: Sql): Sql => {
  const keys = by.map((field) => keySql(field, context));
  return topGroupSql(keys, sql`events WHERE ${where} AND isNotNull(${x})`, request.top);
};

/** One row a group and currency. Numbers that are not finite come as null. */
interface SummaryRow {
  /** One key a field of the break-down; none of them for `other`. */
  readonly g: readonly string[];
  readonly cur: string;
  readonly n: number | string;
  readonly missing: number | string;
  readonly mean: number | null;
  readonly deviation: number | null;
  readonly least: number | null;
  readonly greatest: number | null;
  readonly total: number | null;
  readonly levels: readonly (number | null)[];
  readonly both: number | string;
  readonly pearson: number | null;
  readonly covariance: number | null;
  readonly variance: number | null;
  readonly mean_x: number | null;
  readonly mean_y: number | null;
}

const summaryStatement = (
  { request }: ParsedStatistics,
  { where, group, currency, x, y }: Scope,
): Statement => {
  const levels = joinSql(
    request.levels.map((level) => sql`${bind('Float64', level)}`),
    ', ',
  );
  return toStatement(sql`SELECT ${group} AS g, ${currency} AS cur,
      count(x) AS n, countIf(isNull(x)) AS missing,
      avg(x) AS mean, stddevSampStable(x) AS deviation, min(x) AS least, max(x) AS greatest, sumKahan(x) AS total,
      quantilesDDIf(${QUANTILE_ACCURACY}, ${levels})(assumeNotNull(x), isNotNull(x)) AS levels,
      countIf(has_both) AS both,
      corrStableIf(assumeNotNull(x), assumeNotNull(y), has_both) AS pearson,
      covarSampStableIf(assumeNotNull(x), assumeNotNull(y), has_both) AS covariance,
      varSampStableIf(assumeNotNull(x), has_both) AS variance,
      avgIf(assumeNotNull(x), has_both) AS mean_x, avgIf(assumeNotNull(y), has_both) AS mean_y
    FROM (SELECT *, ${x} AS x, ${y} AS y, isNotNull(x) AND isNotNull(y) AS has_both FROM events WHERE ${where})
    GROUP BY g, cur`);
};

interface BinRow {
  readonly g: readonly string[];
  readonly cur: string;
  /** From 0; -1 before the first, the number of bins behind the last. */
  readonly bin: number | string;
  readonly n: number | string;
}

/** Between which numbers the bins lie. Computed once and here, so that what is told and what is counted are the same. */
const edgesOf = ({ bins, from, to }: StatisticsRequest, rows: readonly SummaryRow[]): number[] => {
  if (rows.length === 0) return [];
  const low = from ?? Math.min(...rows.map(({ least }) => least ?? Number.POSITIVE_INFINITY));
  const high = Math.max(
    low,
    to ?? Math.max(...rows.map(({ greatest }) => greatest ?? Number.NEGATIVE_INFINITY)),
  );
  if (low === high) return [low, high];
  const edges = Array.from({ length: bins }, (_, index) => low + ((high - low) * index) / bins);
  return [...new Set([...edges, high])];
};

/** The bin is estimated by division and then moved by one where rounding went over an edge. */
const histogramStatement = ({ where, group, currency, x }: Scope, edges: readonly number[]): Statement => {
  const bins = bind('Int64', String(edges.length - 1));
  const all = bind('Array(Float64)', edges);
  const [low, high] = [bind('Float64', edges[0] ?? 0), bind('Float64', edges.at(-1) ?? 0)];
  return toStatement(sql`SELECT g, cur, multiIf(x < ${low}, -1, x > ${high}, ${bins},
        greatest(0, least(${bins} - 1, at + (x >= ${all}[at + 2]) - (x < ${all}[at + 1])))) AS bin, count() AS n
    FROM (
      SELECT ${group} AS g, ${currency} AS cur, assumeNotNull(${x}) AS x,
        if(${low} = ${high}, 0, greatest(0, least(${bins} - 1, toInt64(floor(greatest(0, least(1, (x - ${low}) / (${high} - ${low}))) * ${bins}))))) AS at
      FROM events WHERE ${where} AND isNotNull(${x})
    )
    GROUP BY g, cur, bin`);
};

const keyOf = ({ g, cur }: { readonly g: readonly string[]; readonly cur: string }): string =>
  JSON.stringify([g, cur]);

const seriesOf = (
  parsed: ParsedStatistics,
  edges: readonly number[],
  rows: readonly SummaryRow[],
  bins: readonly BinRow[],
): StatisticsSeries[] => {
  const byGroup = Map.groupBy(bins, keyOf);
  return rows
    .filter(({ n }) => Number(n) > 0)
    .map((row) => toSeries(parsed, row, histogramOf(edges.length - 1, byGroup.get(keyOf(row)) ?? [])))
    .sort(bySize);
};

const histogramOf = (bins: number, rows: readonly BinRow[]): StatisticsSeries['histogram'] => {
  const counts = Array.from({ length: bins }, () => 0);
  let [below, above] = [0, 0];
  for (const row of rows) {
    const [bin, n] = [Number(row.bin), Number(row.n)];
    if (bin < 0) below += n;
    else if (bin >= bins) above += n;
    else counts[bin] = n;
  }
  return { below, counts, above };
};

const toSeries = (
  parsed: ParsedStatistics,
  row: SummaryRow,
  histogram: StatisticsSeries['histogram'],
): StatisticsSeries => {
  const { by, request, isPerCurrency } = parsed;
  return {
    ...groupOf(by, request.by, row.g),
    ...(isPerCurrency ? { currency: row.cur === '' ? null : row.cur } : {}),
    count: Number(row.n),
    mean: row.mean,
    deviation: row.deviation,
    min: row.least,
    max: row.greatest,
    sum: row.total,
    quantiles: request.levels.map((level, index) => ({ level, value: within(row, row.levels[index]) })),
    histogram,
    ...(parsed.with === undefined ? {} : { correlation: correlationOf(row) }),
  };
};

/** Quantiles are approximate, the least and the greatest number are not. */
const within = ({ least, greatest }: SummaryRow, quantile: number | null | undefined): number | null =>
  quantile === null || quantile === undefined || least === null || greatest === null
    ? null
    : Math.min(greatest, Math.max(least, quantile));

const correlationOf = (row: SummaryRow): NonNullable<StatisticsSeries['correlation']> => {
  const { covariance, variance, mean_x: meanX, mean_y: meanY } = row;
  const slope = covariance === null || variance === null || variance === 0 ? null : covariance / variance;
  return {
    count: Number(row.both),
    pearson: row.pearson,
    slope,
    intercept: slope === null || meanX === null || meanY === null ? null : meanY - slope * meanX,
  };
};

/** Currency by currency; in each the most numbers first, "other" last. Ties by group, so that the order is always the same. */
const bySize = (a: StatisticsSeries, b: StatisticsSeries): number =>
  compareText(a.currency ?? '', b.currency ?? '') ||
  Number(a.other) - Number(b.other) ||
  b.count - a.count ||
  compareText(JSON.stringify(a.group), JSON.stringify(b.group));
