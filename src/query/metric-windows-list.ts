import type {
  MetricWindowAnswer,
  MetricWindowsAnswer,
  MetricWindowsRequest,
} from '../contract/metric-windows.ts';
import { type Table, tableOfRows } from '../table/table.ts';
import { explanationOf, type Insight } from './insight.ts';
import { isoOf } from './instant.ts';
import { isKeyedMetric } from './metric-keyed.ts';
import { askedMetric } from './metric-windows.ts';
import { metricOf } from './metric.ts';
import { invalidAt } from '../http/request-problem.ts';
import { parseTimeZone } from './time-range.ts';
import { boolean, instant, integer, number, text } from './table-columns.ts';
import { type ListedWindow, listWindows } from './window-reading.ts';

/** The single windows of a metric. */
export const metricWindowsInsight: Insight<MetricWindowsRequest, MetricWindowsAnswer> = {
  table: windowsTable,
  async answer(request, inquiry) {
    const metric = metricOf(request);
    if (metric === undefined || !isKeyedMetric(metric))
      throw invalidAt(
        'metric',
        `${JSON.stringify(request.metric)} has windows of the clock: ask for it by {"kind": "metric"}. Single windows are listed of metrics with session or count windows.`,
      );
    const { key, limit, explain } = request;
    if (key !== undefined && metric.definition.window.by === undefined)
      throw invalidAt('key', `"${metric.definition.name}" counts all events together: leave it out.`);
    const timeZone = parseTimeZone(request.timezone ?? metric.definition.timezone);
    const range = await inquiry.range(request.range, timeZone);
    const { result, asOf, source } = await listWindows({ metric, key, range, limit: limit + 1 }, inquiry);
    const isAll = metric.definition.window.by === undefined;
    const [statement] = inquiry.statements.slice(source === 'events' ? -1 : -2);
    const explanation =
      explain && statement !== undefined
        ? explanationOf(statement, source === 'events' ? MADE : KEPT)
        : undefined;
    return {
      kind: 'metric_windows',
      metric: askedMetric(metric),
      ...inquiry.frame(range, timeZone, explanation),
      source,
      as_of: asOf < 0 ? null : String(asOf),
      windows: result.slice(0, limit).map((window) => answerOf(window, isAll)),
      more: result.length > limit,
    };
  },
};

const KEPT = 'The windows are kept as events come.';
const MADE = 'The windows that are kept do not tell of this position: they are made of the events.';

const answerOf = (
  { key, startMs, endMs, events, isOpen, values }: ListedWindow,
  isAll: boolean,
): MetricWindowAnswer => ({
  ...{ key: isAll ? null : key, start: isoOf(startMs), end: isoOf(endMs), events, final: !isOpen },
  measured: values.map(({ currency, count, sum, min, max }) => ({
    ...{ currency: currency === '' ? null : currency, count, sum, avg: sum / count, min, max },
  })),
});

/** One row a window and currency. Columns are the same whatever is measured. */
function windowsTable({ windows }: MetricWindowsAnswer): Table {
  const rows = windows.flatMap((window) =>
    (window.measured.length === 0 ? [undefined] : window.measured).map((measured) => ({ window, measured })),
  );
  type Row = (typeof rows)[number];
  return tableOfRows<Row>(
    [
      text('key', ({ window }) => window.key),
      instant('start', ({ window }) => window.start),
      instant('end', ({ window }) => window.end),
      integer('events', ({ window }) => window.events),
      boolean('final', ({ window }) => window.final),
      text('currency', ({ measured }) => measured?.currency),
      integer('count', ({ measured }) => measured?.count),
      number('sum', ({ measured }) => measured?.sum),
      number('avg', ({ measured }) => measured?.avg),
      number('min', ({ measured }) => measured?.min),
      number('max', ({ measured }) => measured?.max),
    ],
    rows,
  );
}
