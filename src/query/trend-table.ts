import type { TrendAnswer, TrendRequest } from '../contract/trend.ts';
import { type ColumnOf, type Table, tableOfRows } from '../table/table.ts';
import { bucketRows, columnsIf, groupColumns, instant, number, text } from './table-columns.ts';

/** A trend as a table: one row a series and bucket. Totals have no row; `interval: "total"` makes them the only bucket. */
export const trendTable = (answer: TrendAnswer, request: TrendRequest): Table =>
  seriesTable(answer, {
    ...request,
    isSeveral: request.series !== undefined || request.formula !== undefined,
  });

type Answered = Pick<TrendAnswer, 'buckets' | 'series' | 'compared'>;

type Asked = Pick<TrendRequest, 'by' | 'compare'> & {
  /** Whether series are told apart by ids and names. */
  readonly isSeveral: boolean;
};

/** Series over buckets as a table; `more`: further columns, by the place of the bucket. */
export const seriesTable = (
  answer: Answered,
  { by, compare, isSeveral }: Asked,
  more: readonly ColumnOf<{ readonly at: number }>[] = [],
): Table => {
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
      ...groupColumns<Row>(by, ({ series }) => series),
      ...columnsIf<Row>(
        isMoney,
        text('currency', ({ series }) => series.currency),
      ),
      number('value', ({ series, at }) => series.values[at]),
      ...columnsIf<Row>(
        compare !== undefined,
        instant('compared_bucket', ({ at }) => answer.compared?.buckets[at]),
        number('compared_value', ({ series, at }) => series.compared?.values[at]),
      ),
      ...more,
    ],
    rows,
  );
};
