import type {
  RetentionAnswer,
  RetentionCohort,
  RetentionRequest,
  RetentionSeries,
} from '../contract/retention.ts';
import { periodsFrame, readPeriods } from './activity.ts';
import { groupOf } from './groups.ts';
import type { Insight } from './insight.ts';
import { retentionTable } from './period-tables.ts';
import { endsOf, labelsOf } from './periods.ts';
import { parseRetention, planRetention, type RetentionPlan, SIZE } from './retention-plan.ts';

/** One row of a statement about retention. 64-bit integers may come as text. */
interface RetentionRow {
  readonly g?: readonly string[];
  readonly named?: readonly string[];
  readonly c: number | string;
  readonly hit: number | string;
  readonly actors: number | string;
}

/** Who comes back. */
export const retentionInsight: Insight<RetentionRequest, RetentionAnswer> = {
  table: retentionTable,
  async answer(request, inquiry) {
    const retention = parseRetention(request);
    const { timeZone } = retention;
    const asked = await inquiry.range(request.range, timeZone);
    inquiry.usesProperties(retention.keys);
    const { nowMs, project } = inquiry;
    const plan = planRetention(retention, asked, project, inquiry.context(timeZone));
    const rows = await readPeriods<RetentionRow>(plan.cohorts, plan.statement, inquiry);
    return {
      kind: 'retention',
      ...periodsFrame({ request, asked, calendar: plan.cohorts }, plan.statement, inquiry),
      periods: request.periods,
      mode: retention.mode,
      cohorts: request.cohorts,
      series: seriesOf(plan, rows, nowMs),
    };
  },
};

/** The numbers of a group: by cohort, by hit. */
interface Draft {
  readonly keys: readonly string[];
  readonly actors: Map<string, number>;
}

const seriesOf = (plan: RetentionPlan, rows: readonly RetentionRow[], nowMs: number): RetentionSeries[] => {
  const drafts = new Map<string, Draft>();
  if (plan.retention.by.length === 0) drafts.set('[]', { keys: [], actors: new Map() });
  for (const row of rows) {
    const keys = row.named ?? row.g ?? [];
    const key = JSON.stringify(keys);
    const draft = drafts.get(key) ?? { keys, actors: new Map<string, number>() };
    drafts.set(key, draft);
    draft.actors.set(`${Number(row.c)} ${Number(row.hit)}`, Number(row.actors));
  }
  return [...drafts.values()]
    .map((draft) => ({ keys: draft.keys, series: toSeries(plan, draft, nowMs) }))
    .sort(bySize)
    .map(({ series }) => series);
};

interface KeyedSeries {
  readonly keys: readonly string[];
  readonly series: RetentionSeries;
}

const toSeries = (plan: RetentionPlan, { keys, actors }: Draft, nowMs: number): RetentionSeries => {
  const { by, request } = plan.retention;
  const labels = labelsOf(plan.cohorts);
  const cohorts = labels.map((start, c) =>
    toCohort(plan, { start, c, actorsAt: (hit) => actors.get(`${c} ${hit}`) ?? 0 }, nowMs),
  );
  return {
    ...groupOf(by, request.by, keys),
    size: sumOf(cohorts.map(({ size }) => size)),
    cohorts,
    average: averageOf(cohorts, request.periods),
  };
};

interface CohortDraft {
  readonly start: string;
  /** The number of its period. */
  readonly c: number;
  readonly actorsAt: (hit: number) => number;
}

const toCohort = (
  { retention, followed }: RetentionPlan,
  { start, c, actorsAt }: CohortDraft,
  nowMs: number,
): RetentionCohort => {
  const { periods } = retention.request;
  const hits = Array.from({ length: periods + 1 }, (_, hit) => actorsAt(hit));
  // Unbounded: each actor has one hit, its last, and came back in every period up to it or later.
  const counts = retention.mode === 'n_day' ? hits : hits.map((_, hit) => sumOf(hits.slice(hit)));
  const ends = endsOf(followed).slice(c, c + periods + 1);
  const over = ends.filter((endMs) => endMs <= nowMs).length;
  const size = actorsAt(SIZE);
  const known = counts.map((count, period) => (period < over ? count : null));
  return {
    start,
    complete: over > 0,
    size,
    counts: known,
    rates: known.map((count) => (count === null || size === 0 ? null : count / size)),
    running: over > periods ? null : { period: over, count: counts[over] ?? 0 },
  };
};

const averageOf = (cohorts: readonly RetentionCohort[], periods: number): RetentionSeries['average'] => {
  const columns = Array.from({ length: periods + 1 }, (_, period) => {
    const over = cohorts.filter(({ counts }) => typeof counts[period] === 'number');
    const size = sumOf(over.map((cohort) => cohort.size));
    const count = sumOf(over.map(({ counts }) => counts[period] ?? 0));
    return { size, rate: size === 0 ? null : count / size };
  });
  return { sizes: columns.map(({ size }) => size), rates: columns.map(({ rate }) => rate) };
};

const sumOf = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

/** The largest first, "other" last. Ties by the texts of the group, an absent one first, so that the order is always the same. */
const bySize = (a: KeyedSeries, b: KeyedSeries): number =>
  Number(a.series.other) - Number(b.series.other) ||
  b.series.size - a.series.size ||
  compareKeys(a.keys, b.keys);

const compareKeys = (a: readonly string[], b: readonly string[]): number => {
  const index = a.findIndex((key, place) => key !== b[place]);
  return index < 0 ? 0 : (a[index] ?? '') < (b[index] ?? '') ? -1 : 1;
};
