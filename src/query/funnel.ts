import {
  FUNNEL_BINS_MS,
  type FunnelAnswer,
  type FunnelGroup,
  type FunnelRequest,
  type FunnelResult,
  type FunnelStepResult,
  type FunnelTimes,
  type FunnelUsersRequest,
} from '../contract/funnel.ts';
import {
  type Attempts,
  BIN_STARTS_MS,
  firstAttemptsFor,
  type FunnelQuestion,
  type FunnelRow,
  funnelStatement,
  parseFunnel,
} from './funnel-plan.ts';
import { funnelTable } from './funnel-tables.ts';
import { groupOf } from './groups.ts';
import { explanationOf, type Inquiry, type Insight } from './insight.ts';
import { isoOf } from './instant.ts';
import type { Statement } from './sql.ts';

type Definition = FunnelRequest | FunnelUsersRequest;

/** The question of a request: its definition, read, and its range. */
export const funnelQuestion = async (request: Definition, inquiry: Inquiry): Promise<FunnelQuestion> => {
  const funnel = parseFunnel(request);
  const { timeZone } = funnel;
  const range = await inquiry.range(request.range, timeZone);
  inquiry.usesProperties(funnel.keys);
  return { funnel, range, project: inquiry.project, context: inquiry.context(timeZone) };
};

/** What every answer about a funnel says beside its numbers. */
export const funnelFrame = (
  { funnel, range }: FunnelQuestion,
  { explain }: Definition,
  inquiry: Inquiry,
  statement: Statement,
) => {
  const explanation = explanationOf(statement, 'No rollup knows who did what after what.');
  return {
    source: 'events' as const,
    ...inquiry.frame(range, funnel.timeZone, explain ? explanation : undefined),
    order: funnel.order,
    actor: funnel.actor,
    window_ms: funnel.windowMs,
    settles_at: isoOf(range.toMs + funnel.windowMs),
  };
};

/** How many who do a first thing go on to do the next ones. */
export const funnelInsight: Insight<FunnelRequest, FunnelAnswer> = {
  table: funnelTable,
  async answer(request, inquiry) {
    const question = await funnelQuestion(request, inquiry);
    const { statement, rows } = await ask(question, request.top, inquiry);
    const { names } = question.funnel;
    return {
      kind: 'funnel',
      ...funnelFrame(question, request, inquiry, statement),
      names: [...names],
      bins_ms: [...FUNNEL_BINS_MS],
      total: resultOf(
        rows.filter(({ whole }) => whole === 1),
        names.length,
      ),
      groups: request.by === undefined ? [] : groupsOf(question, request.by, rows),
    };
  },
};

const ask = async (
  question: FunnelQuestion,
  top: number,
  inquiry: Inquiry,
): Promise<{ readonly statement: Statement; readonly rows: FunnelRow[] }> => {
  const read = async (attempts: Attempts) => {
    const statement = funnelStatement(question, top, attempts);
    return { statement, rows: await inquiry.read<FunnelRow>(statement) };
  };
  if (!firstAttemptsFor(question)) return await read('all');
  const found = await read('first');
  return found.rows.every(({ unsure }) => Number(unsure) === 0) ? found : await read('all');
};

const share = (part: number, of: number): number | null => (of === 0 ? null : part / of);

const resultOf = (rows: readonly FunnelRow[], steps: number): FunnelResult => {
  const byStep = new Map(rows.map((row) => [row.k, row]));
  const actors = Array.from({ length: steps + 1 }, (_, step) => Number(byStep.get(step)?.n ?? 0));
  const [excluded = 0, entered = 0] = actors;
  const completed = actors[steps] ?? 0;
  return {
    entered,
    completed,
    conversion: share(completed, entered),
    excluded,
    steps: Array.from({ length: steps }, (_, index) => stepOf(actors, index + 1, byStep.get(index + 1))),
    time_to_convert: timesOf(byStep.get(steps + 1)),
  };
};

/** `actors` by number of the step. */
const stepOf = (actors: readonly number[], step: number, row: FunnelRow | undefined): FunnelStepResult => {
  const here = actors[step] ?? 0;
  const next = actors[step + 1];
  const dropped = next === undefined ? null : here - next;
  return {
    actors: here,
    from_start: share(here, actors[1] ?? 0),
    from_previous: step === 1 ? null : share(here, actors[step - 1] ?? 0),
    dropped,
    drop_off: dropped === null ? null : share(dropped, here),
    since_previous: step === 1 ? null : timesOf(row),
  };
};

const timesOf = (row: FunnelRow | undefined): FunnelTimes | null => {
  if (row === undefined) return null;
  const [starts, counts] = row.bins;
  const histogram = BIN_STARTS_MS.map((start) => {
    const index = starts.findIndex((ms) => Number(ms) === start);
    return index < 0 ? 0 : Number(counts[index]);
  });
  return { average_ms: row.average, median_ms: row.levels[0], p90_ms: row.levels[1], histogram };
};

/** The values of a group's fields by their names in the request; null for `other`. */
export const funnelGroup = (
  { funnel }: FunnelQuestion,
  by: readonly string[],
  keys: readonly string[],
): FunnelGroup['group'] => groupOf(funnel.by, by, keys).group;

/** In the order of the rows. */
const groupsOf = (
  question: FunnelQuestion,
  by: readonly string[],
  rows: readonly FunnelRow[],
): FunnelGroup[] => {
  const named = Map.groupBy(
    rows.filter(({ whole }) => whole === 0),
    (row) => JSON.stringify(row.named),
  );
  return [...named.values()].map((of) => {
    const keys = of[0]?.named ?? [];
    return {
      group: funnelGroup(question, by, keys),
      other: keys.length === 0,
      ...resultOf(of, question.funnel.steps.length),
    };
  });
};
