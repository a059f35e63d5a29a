import type { SessionsAnswer, SessionsRequest } from '../contract/sessions.ts';
import { SESSION_NUMBERS } from '../contract/sessions.ts';
import { type ColumnOf, type Table, tableOfRows } from '../table/table.ts';
import { bucketRows, groupColumns, instant, integer, number } from './table-columns.ts';

const COUNTS: ReadonlySet<string> = new Set(['sessions', 'with_views', 'bounces']);

/** Sessions as a table: one row a series and bucket. Pages and who is here now are in JSON only. */
export const sessionsTable = (answer: SessionsAnswer, request: SessionsRequest): Table => {
  const rows = bucketRows(answer.buckets, answer.series);
  type Row = (typeof rows)[number];
  const numbers = SESSION_NUMBERS.map(
    (name): ColumnOf<Row> =>
      (COUNTS.has(name) ? integer : number)<Row>(name, ({ series, at }) => series.values[name][at]),
  );
  return tableOfRows<Row>(
    [
      instant('bucket', ({ bucket }) => bucket),
      ...groupColumns<Row>(request.by, ({ series }) => series),
      ...numbers,
    ],
    rows,
  );
};
