import type { FunnelUser, FunnelUsersAnswer, FunnelUsersRequest } from '../contract/funnel.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { funnelUsersTable } from './funnel-tables.ts';
import { funnelFrame, funnelGroup, funnelQuestion } from './funnel.ts';
import {
  type FunnelQuestion,
  type FunnelUserRow,
  funnelUsersStatement,
  type ParsedFunnel,
} from './funnel-plan.ts';
import type { Insight } from './insight.ts';
import { isoOf } from './instant.ts';
import { invalidAt } from '../http/request-problem.ts';

/** Who got to a step of a funnel, or went no further. */
export const funnelUsersInsight: Insight<FunnelUsersRequest, FunnelUsersAnswer> = {
  table: funnelUsersTable,
  async answer(request, inquiry) {
    const question = await funnelQuestion(request, inquiry);
    checkStep(request, question.funnel);
    const end = request.cursor === undefined ? undefined : decodeCursor(request.cursor);
    const statement = funnelUsersStatement(question, request, end);
    const rows = await inquiry.read<FunnelUserRow>(statement);
    const page = rows.slice(0, request.limit);
    return {
      kind: 'funnel_users',
      ...funnelFrame(question, request, inquiry, statement),
      users: page.map((row) => userOf(question, request, row)),
      next_cursor: rows.length > page.length ? cursorOf(question, page.at(-1)) : null,
    };
  },
};

const checkStep = ({ step, outcome }: FunnelUsersRequest, { steps }: ParsedFunnel): void => {
  if (step > steps.length)
    throw invalidAt('step', `There is no step ${step}: the funnel has ${steps.length}.`);
  if (outcome === 'dropped' && step === steps.length)
    throw invalidAt(
      'step',
      `Nobody drops out after the last step. Ask for "converted", or for a step up to ${steps.length - 1}.`,
    );
};

const userOf = (
  question: FunnelQuestion,
  { by = [] }: FunnelUsersRequest,
  row: FunnelUserRow,
): FunnelUser => ({
  id: row.actor,
  group: funnelGroup(question, by, row.g),
  steps_done: row.at.length,
  times: row.at.map((ms) => isoOf(question.range.fromMs + Number(ms))),
});

const cursorOf = ({ range }: FunnelQuestion, last: FunnelUserRow | undefined): string | null =>
  last === undefined
    ? null
    : encodeCursor({ timeMs: range.fromMs + Number(last.at[0]), position: '0', id: last.actor });
