import type { RevenueAnswer, RevenueFigure, RevenueRequest, RevenueSeries } from '../contract/revenue.ts';
import { type ColumnOf, type Table, tableOfRows } from '../table/table.ts';

/** One bucket of a series. */
interface Cell {
  readonly series: RevenueSeries;
  readonly bucket: string;
  readonly index: number;
}

const FIGURES: readonly (readonly [RevenueFigure, ColumnOf<Cell>['type']])[] = [
  ['revenue', 'number'],
  ['gross', 'number'],
  ['refunded', 'number'],
  ['orders', 'integer'],
  ['refunds', 'integer'],
  ['buyers', 'integer'],
  ['average_order', 'number'],
  ['arpu', 'number'],
  ['arppu', 'number'],
];

/** Revenue as a table: one row a series and bucket, one column a figure. Totals have no row; `interval: "total"` makes them the only bucket. */
export const revenueTable = (answer: RevenueAnswer, { by = [] }: RevenueRequest): Table =>
  tableOfRows<Cell>(
    [
      { name: 'bucket', type: 'instant', of: ({ bucket }) => bucket },
      ...by.map(
        (field): ColumnOf<Cell> => ({
          name: field,
          type: 'text',
          of: ({ series }) => series.group?.[field] ?? null,
        }),
      ),
      ...(by.length === 0
        ? []
        : [{ name: 'other', type: 'boolean', of: ({ series }) => series.other } satisfies ColumnOf<Cell>]),
      { name: 'currency', type: 'text', of: ({ series }) => series.currency },
      ...FIGURES.map(
        ([name, type]): ColumnOf<Cell> => ({
          name,
          type,
          of: ({ series, index }) => series.values[name][index] ?? null,
        }),
      ),
    ],
    answer.series.flatMap((series) => answer.buckets.map((bucket, index) => ({ series, bucket, index }))),
  );
