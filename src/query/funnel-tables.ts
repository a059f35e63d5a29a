import type {
  FunnelAnswer,
  FunnelRequest,
  FunnelUsersAnswer,
  FunnelUsersRequest,
} from '../contract/funnel.ts';
import { type Table, tableOfRows } from '../table/table.ts';
import { groupColumns, instant, integer, number, text } from './table-columns.ts';

/** A funnel as a table: one row a step; with `by` one a group and step. */
export const funnelTable = (answer: FunnelAnswer, request: FunnelRequest): Table => {
  const groups = request.by === undefined ? [{ ...answer.total, group: null, other: false }] : answer.groups;
  const rows = groups.flatMap((group) => group.steps.map((step, index) => ({ group, step, index })));
  type Row = (typeof rows)[number];
  return tableOfRows<Row>(
    [
      ...groupColumns<Row>(request.by, ({ group }) => group),
      integer('step', ({ index }) => index + 1),
      text('name', ({ index }) => answer.names[index]),
      integer('actors', ({ step }) => step.actors),
      number('from_start', ({ step }) => step.from_start),
      number('from_previous', ({ step }) => step.from_previous),
      integer('dropped', ({ step }) => step.dropped),
      number('drop_off', ({ step }) => step.drop_off),
      number('since_previous_average_ms', ({ step }) => step.since_previous?.average_ms),
      number('since_previous_median_ms', ({ step }) => step.since_previous?.median_ms),
      number('since_previous_p90_ms', ({ step }) => step.since_previous?.p90_ms),
    ],
    rows,
  );
};

/** Users of a funnel as a table: one row each of the page, with the time of every step that was done. */
export const funnelUsersTable = (answer: FunnelUsersAnswer, request: FunnelUsersRequest): Table => {
  type Row = (typeof answer.users)[number];
  return tableOfRows<Row>(
    [
      text('id', ({ id }) => id),
      ...(request.by ?? []).map((field) => text<Row>(field, ({ group }) => group?.[field])),
      integer('steps_done', ({ steps_done: done }) => done),
      ...request.steps.map((_step, index) => instant<Row>(`time_${index + 1}`, ({ times }) => times[index])),
    ],
    answer.users,
  );
};
