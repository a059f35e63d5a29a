import { bucketText, stepOf } from '../chart/time-words.ts';
import type { AnswerLine, Timed } from './timed.ts';
import type { TableColumn, TableRow, TableShape } from './table-shape.ts';

/** With more buckets than this, buckets are rows. */
const BUCKET_COLUMNS_MAX = 31;

const hasTotals = ({ lines }: Timed): boolean => lines.some(({ total }) => total !== null);
const hasBefore = ({ lines }: Timed): boolean => lines.some(({ before }) => before !== undefined);

const changeOf = ({ total, before }: AnswerLine): number | null => {
  const earlier = before?.total ?? null;
  return total === null || earlier === null || earlier === 0 ? null : total / earlier - 1;
};

const drillOf = ({ group }: AnswerLine): Pick<TableRow, 'drill'> =>
  group === null ? {} : { drill: { kind: 'group', group } };

const bucketHeads = ({ starts }: Timed, zone: string): string[] => {
  const step = stepOf(starts);
  return starts.map((start) => bucketText(start, step, zone));
};

const lineRows = (timed: Timed, zone: string): TableShape => {
  const { lines, isTotal } = timed;
  const unit = lines[0]?.unit ?? { kind: 'count' };
  const isCompared = hasBefore(timed);
  const heads = isTotal ? [] : bucketHeads(timed, zone);
  const columns: TableColumn[] = [
    { head: 'Series' },
    ...(hasTotals(timed) ? [{ head: 'Total', unit }] : []),
    ...(isCompared
      ? [
          { head: 'Before', unit },
          { head: 'Change', unit: { kind: 'share' as const } },
        ]
      : []),
    ...heads.map((head) => ({ head, unit })),
  ];
  const change = isCompared ? 3 : undefined;
  const rows = lines.map((line): TableRow => {
    const cells = [
      line.name,
      ...(hasTotals(timed) ? [line.total] : []),
      ...(isCompared ? [line.before?.total ?? null, changeOf(line)] : []),
      ...(isTotal ? [] : line.values),
    ];
    const units = Object.fromEntries(
      cells.flatMap((_, index) => (index === 0 || index === change ? [] : [[index, line.unit] as const])),
    );
    return { cells, units, ...drillOf(line) };
  });
  return { title: '', columns, rows };
};

const bucketRows = (timed: Timed, zone: string): TableShape => {
  const { lines } = timed;
  const columns: TableColumn[] = [
    { head: 'Time' },
    ...lines.flatMap(({ name, unit, before }) =>
      before === undefined
        ? [{ head: name, unit }]
        : [
            { head: name, unit },
            { head: `${name}, before`, unit },
          ],
    ),
  ];
  const rows = bucketHeads(timed, zone).map(
    (head, index): TableRow => ({
      cells: [
        head,
        ...lines.flatMap(({ values, before }) =>
          before === undefined
            ? [values[index] ?? null]
            : [values[index] ?? null, before.values[index] ?? null],
        ),
      ],
    }),
  );
  return { title: '', columns, rows };
};

/** Numbers over time as a table: a row a line, or a row a bucket where there are many. */
export const timedTable = (timed: Timed, zone: string): TableShape =>
  timed.isTotal || timed.starts.length <= BUCKET_COLUMNS_MAX
    ? lineRows(timed, zone)
    : bucketRows(timed, zone);
