import type { TrendAnswer, TrendRequest, TrendSeries } from '../contract/trend.ts';
import { type ColumnOf, type Table, tableOfRows } from '../table/table.ts';

/** One number of a trend. */
interface Point {
  readonly series: TrendSeries;
  readonly bucket: string;
  readonly value: number | null;
  readonly comparedBucket: string | null;
  readonly comparedValue: number | null;
}

/** A trend as a table: one row a series and bucket. Totals have no row; `interval: "total"` makes them the only bucket. */
export const trendTable = (answer: TrendAnswer, request: TrendRequest): Table => {
  const by = request.by ?? [];
  const isSeveral = request.series !== undefined || request.formula !== undefined;
  const isMoney = answer.series.some(({ currency }) => currency !== undefined);
  const columns: readonly (readonly [boolean, ColumnOf<Point>])[] = [
    [true, { name: 'bucket', type: 'instant', of: ({ bucket }) => bucket }],
    [isSeveral, { name: 'series', type: 'text', of: ({ series }) => series.id ?? null }],
    [isSeveral, { name: 'name', type: 'text', of: ({ series }) => series.name ?? null }],
    ...by.map(
      (field) =>
        [
          true,
          { name: field, type: 'text', of: ({ series }: Point) => series.group?.[field] ?? null },
        ] as const,
    ),
    [by.length > 0, { name: 'other', type: 'boolean', of: ({ series }) => series.other }],
    [isMoney, { name: 'currency', type: 'text', of: ({ series }) => series.currency ?? null }],
    [true, { name: 'value', type: 'number', of: ({ value }) => value }],
    [
      request.compare !== undefined,
      { name: 'compared_bucket', type: 'instant', of: ({ comparedBucket }) => comparedBucket },
    ],
    [
      request.compare !== undefined,
      { name: 'compared_value', type: 'number', of: ({ comparedValue }) => comparedValue },
    ],
  ];
  const points = answer.series.flatMap((series) =>
    answer.buckets.map(
      (bucket, index): Point => ({
        ...{ series, bucket, value: series.values[index] ?? null },
        comparedBucket: answer.compared?.buckets[index] ?? null,
        comparedValue: series.compared?.values[index] ?? null,
      }),
    ),
  );
  return tableOfRows(
    columns.flatMap(([isThere, column]) => (isThere ? [column] : [])),
    points,
  );
};
