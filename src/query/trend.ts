import type { TrendAnswer, TrendRequest, TrendSeries } from '../contract/trend.ts';
import { bucketLabels } from './buckets.ts';
import { groupValue } from './groups.ts';
import { type AnswerFrame, explanationOf, type Insight } from './insight.ts';
import { emptyValue, isExact, isPerCurrency } from './measure.ts';
import { parseTrend, planTrend, type TrendPlan } from './trend-plan.ts';

/** One row of a trend's statement. 64-bit integers may come as text. */
interface TrendRow {
  readonly g: readonly string[];
  readonly b: number | string;
  readonly whole: number | string;
  readonly m: number | string | null;
  readonly x?: string;
}

/** A measure over time. */
export const trendInsight: Insight<TrendRequest, TrendAnswer> = {
  async answer(request, inquiry) {
    const trend = parseTrend(request);
    const { timeZone } = trend;
    const range = await inquiry.range(request.range, timeZone);
    inquiry.usesProperties(trend.keys);
    const { columns, nowMs } = inquiry;
    const plan = planTrend(trend, range, inquiry.project, { columns, nowMs, timeZone });
    const rows = await inquiry.read<TrendRow>(plan.statement);
    const { statement, sourceReason } = plan;
    return trendAnswer(
      plan,
      rows,
      inquiry.frame(range, timeZone, request.explain ? explanationOf(statement, sourceReason) : undefined),
    );
  },
};

/** Puts the rows of the statement on the time axis, fills empty buckets, names the groups. */
const trendAnswer = (plan: TrendPlan, rows: readonly TrendRow[], frame: AnswerFrame): TrendAnswer => {
  const { axis, range, trend } = plan;
  return {
    kind: 'trend',
    source: plan.source,
    ...frame,
    interval: axis.interval,
    buckets: bucketLabels(axis, trend.timeZone),
    incomplete: { first: (axis.starts[0] ?? range.fromMs) < range.fromMs, last: axis.endMs > range.toMs },
    series: seriesOf(plan, rows),
  };
};

const numberOrNull = (value: number | string | null): number | null =>
  value === null ? null : Number(value);

interface Draft {
  readonly g: readonly string[];
  readonly values: (number | null)[];
  total: number | null;
  exact: string | undefined;
}

const seriesOf = (plan: TrendPlan, rows: readonly TrendRow[]): TrendSeries[] => {
  const empty = emptyValue(plan.trend.measure);
  const slot = slotOf(plan);
  const newDraft = (g: readonly string[]): Draft => ({
    g,
    values: plan.axis.starts.map(() => empty),
    total: empty,
    exact: empty === null ? undefined : '0',
  });
  const drafts = new Map<string, Draft>();
  for (const row of rows) {
    const key = JSON.stringify(row.g);
    const draft = drafts.get(key) ?? newDraft(row.g);
    drafts.set(key, draft);
    if (Number(row.whole) === 0) {
      draft.values[slot(Number(row.b))] = numberOrNull(row.m);
      continue;
    }
    draft.total = numberOrNull(row.m);
    draft.exact = row.x;
  }
  const perCurrency = isPerCurrency(plan.trend.measure);
  if (drafts.size === 0 && plan.trend.by.length === 0 && !perCurrency) drafts.set('[]', newDraft([]));
  return [...drafts.values()].map((draft) => toSeries(plan, draft)).sort(bySize);
};

/** From what the statement calls a bucket to its place on the axis. */
const slotOf = ({ axis, source }: TrendPlan): ((bucket: number) => number) => {
  if (axis.widthMs !== undefined) return (bucket) => bucket;
  const unitMs = source === 'rollup_10s' ? 1_000 : 1;
  const slots = new Map(axis.starts.map((ms, index) => [ms / unitMs, index]));
  return (bucket) => slots.get(bucket) ?? 0;
};

const toSeries = ({ trend }: TrendPlan, draft: Draft): TrendSeries => {
  const perCurrency = isPerCurrency(trend.measure);
  const keys = perCurrency ? draft.g.slice(1) : draft.g;
  const other = keys.length < trend.by.length;
  const named = trend.by.length > 0 && !other;
  const entries = trend.by.map((field, index) => [
    trend.request.by?.[index] ?? field.name,
    groupValue(field, keys[index] ?? ''),
  ]);
  return {
    group: named ? (Object.fromEntries(entries) as Record<string, string | null>) : null,
    other,
    ...(perCurrency ? { currency: draft.g[0] === '' ? null : (draft.g[0] ?? null) } : {}),
    total: draft.total,
    ...(isExact(trend.measure) && draft.exact !== undefined ? { total_exact: draft.exact } : {}),
    values: draft.values,
  };
};

/** Currency by currency; in each the largest total first, "other" last. Ties by group, so that the order is always the same. */
const bySize = (a: TrendSeries, b: TrendSeries): number =>
  compareText(a.currency ?? '', b.currency ?? '') ||
  Number(a.other) - Number(b.other) ||
  (b.total ?? Number.NEGATIVE_INFINITY) - (a.total ?? Number.NEGATIVE_INFINITY) ||
  compareText(JSON.stringify(a.group), JSON.stringify(b.group));

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
