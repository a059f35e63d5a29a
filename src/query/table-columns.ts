import type { Cell, ColumnOf, ColumnType } from '../table/table.ts';

const ofType =
  (type: ColumnType) =>
  <Row>(name: string, of: (row: Row) => Cell | undefined): ColumnOf<Row> => ({
    name,
    type,
    of: (row) => of(row) ?? null,
  });

/** Columns by type: a name, and what it shows of a row (nothing where that is absent). */
export const text = ofType('text');
export const number = ofType('number');
export const integer = ofType('integer');
export const boolean = ofType('boolean');
export const instant = ofType('instant');

/** Something that answers tell by group. */
export interface Grouped {
  readonly group: Readonly<Record<string, string | null>> | null;
  readonly other: boolean;
}

/** One column for each field of a break-down, and `other`; none without break-down. */
export const groupColumns = <Row>(
  by: readonly string[] | undefined,
  groupedOf: (row: Row) => Grouped,
): ColumnOf<Row>[] =>
  by === undefined
    ? []
    : [
        ...by.map((field) => text<Row>(field, (row) => groupedOf(row).group?.[field])),
        boolean<Row>('other', (row) => groupedOf(row).other),
      ];

/** Some columns, if a condition holds. */
export const columnsIf = <Row>(
  holds: boolean,
  ...columns: readonly ColumnOf<Row>[]
): readonly ColumnOf<Row>[] => (holds ? columns : []);

/** One row a series and bucket. */
export const bucketRows = <Series>(
  buckets: readonly string[],
  series: readonly Series[],
): { readonly series: Series; readonly bucket: string; readonly at: number }[] =>
  series.flatMap((each) => buckets.map((bucket, at) => ({ series: each, bucket, at })));
