import type { MetricAnswer, MetricRequest } from '../contract/metrics.ts';
import type { Table } from '../table/table.ts';
import { boolean, instant } from './table-columns.ts';
import { seriesTable } from './trend-table.ts';

/** A metric as a table: that of the trend that it stands for, with whether each window can still change. */
export const metricTable = (answer: MetricAnswer, request: MetricRequest): Table =>
  seriesTable(answer, { by: request.by, compare: request.compare, isSeveral: true }, [
    boolean('final', ({ at }) => answer.windows[at]?.final),
    instant('closes_at', ({ at }) => answer.windows[at]?.closes_at),
  ]);
