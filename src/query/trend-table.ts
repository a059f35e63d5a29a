import type { TrendAnswer, TrendRequest } from '../contract/trend.ts';
import { type Table, tableOfRows } from '../table/table.ts';
import { bucketRows, columnsIf, groupColumns, instant, number, text } from './table-columns.ts';

/** A trend as a table: one row a series and bucket. Totals have no row; `interval: "total"` makes them the only bucket. */
export const trendTable = (answer: TrendAnswer, request: TrendRequest): Table => {
  const isSeveral = request.series !== undefined || request.formula !== undefined;
  const isMoney = answer.series.some(({ currency }) => currency !== undefined);
  const rows = bucketRows(answer.buckets, answer.series);
  type Row = (typeof rows)[number];
  return tableOfRows<Row>(
    [
      instant('bucket', ({ bucket }) => bucket),
      ...columnsIf<Row>(
        isSeveral,
        text('series', ({ series }) => series.id),
        text('name', ({ series }) => series.name),
      ),
      ...groupColumns<Row>(request.by, ({ series }) => series),
      ...columnsIf<Row>(
        isMoney,
        text('currency', ({ series }) => series.currency),
      ),
      number('value', ({ series, at }) => series.values[at]),
      ...columnsIf<Row>(
        request.compare !== undefined,
        instant('compared_bucket', ({ at }) => answer.compared?.buckets[at]),
        number('compared_value', ({ series, at }) => series.compared?.values[at]),
      ),
    ],
    rows,
  );
};
