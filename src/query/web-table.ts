import { WEB_LISTS, type WebAnswer, type WebNumbers } from '../contract/web.ts';
import { type ColumnOf, type Table, tableOfRows } from '../table/table.ts';
import { boolean, integer, number, text } from './table-columns.ts';

interface Row {
  readonly list: string;
  readonly value: string | null;
  readonly other: boolean;
  readonly numbers: WebAnswer['total'];
}

const COUNTS = ['visitors', 'sessions', 'views', 'bounces'] as const;
const AVERAGES = ['views_per_session', 'bounce_rate', 'duration_avg_ms'] as const;

/** Web analytics as a table: the total, then one row an entry of a list. Who is here now is in JSON only. */
export const webTable = (answer: WebAnswer): Table => {
  const rows: Row[] = [
    { list: 'total', value: null, other: false, numbers: answer.total },
    ...WEB_LISTS.flatMap((list) =>
      answer.lists[list].map((entry) => ({ list, value: entry.value, other: entry.other, numbers: entry })),
    ),
  ];
  return tableOfRows<Row>(
    [
      text('list', ({ list }) => list),
      text('value', ({ value }) => value),
      boolean('other', ({ other }) => other),
      ...numberColumns('', ({ numbers }) => numbers),
      ...(answer.previous_range === null
        ? []
        : numberColumns('previous_', ({ numbers }) => numbers.previous)),
    ],
    rows,
  );
};

const numberColumns = (prefix: string, of: (row: Row) => WebNumbers | null): ColumnOf<Row>[] => [
  ...COUNTS.map((name) => integer<Row>(`${prefix}${name}`, (row) => of(row)?.[name] ?? null)),
  ...AVERAGES.map((name) => number<Row>(`${prefix}${name}`, (row) => of(row)?.[name] ?? null)),
];
