import type { LifecycleAnswer } from '../contract/lifecycle.ts';
import type { RetentionAnswer, RetentionRequest } from '../contract/retention.ts';
import type { StickinessAnswer } from '../contract/stickiness.ts';
import { type Table, tableOfRows } from '../table/table.ts';
import { boolean, groupColumns, instant, integer, number } from './table-columns.ts';

/** Retention as a table: one row a series, cohort and period. */
export const retentionTable = (answer: RetentionAnswer, request: RetentionRequest): Table => {
  const rows = answer.series.flatMap((series) =>
    series.cohorts.flatMap((cohort) =>
      cohort.counts.map((count, period) => ({ series, cohort, count, period })),
    ),
  );
  type Row = (typeof rows)[number];
  return tableOfRows<Row>(
    [
      instant('cohort', ({ cohort }) => cohort.start),
      ...groupColumns<Row>(request.by, ({ series }) => series),
      integer('size', ({ cohort }) => cohort.size),
      boolean('complete', ({ cohort }) => cohort.complete),
      integer('period', ({ period }) => period),
      integer('count', ({ count }) => count),
      number('rate', ({ cohort, period }) => cohort.rates[period]),
    ],
    rows,
  );
};

const LIFECYCLE = ['new', 'returning', 'resurrecting', 'dormant', 'active'] as const;

/** The lifecycle as a table: one row a period. */
export const lifecycleTable = ({ starts, complete, actors }: LifecycleAnswer): Table =>
  tableOfRows(
    [
      instant<number>('start', (at) => starts[at]),
      boolean<number>('complete', (at) => complete[at]),
      ...LIFECYCLE.map((name) => integer<number>(name, (at) => actors[name][at])),
    ],
    [...starts.keys()],
  );

/** Stickiness as a table: one row a period, two columns a window. The histogram is in JSON only. */
export const stickinessTable = ({ starts, complete, active, windows }: StickinessAnswer): Table =>
  tableOfRows(
    [
      instant<number>('start', (at) => starts[at]),
      boolean<number>('complete', (at) => complete[at]),
      integer<number>('active', (at) => active[at]),
      ...windows.flatMap(({ periods, active: within, ratios }) => [
        integer<number>(`active_${periods}`, (at) => within[at]),
        number<number>(`ratio_${periods}`, (at) => ratios[at]),
      ]),
    ],
    [...starts.keys()],
  );
