import {
  SESSION_NUMBERS,
  type SessionColumns,
  type SessionNumbers,
  type SessionPage,
  type SessionsAnswer,
  type SessionSeries,
  type SessionsRequest,
} from '../contract/sessions.ts';
import { compareText } from '../lib/compare-text.ts';
import { placeOnAxis } from './axis-sql.ts';
import { bucketLabels } from './buckets.ts';
import { groupOf } from './groups.ts';
import { explanationOf, type Inquiry, type Insight } from './insight.ts';
import { type ParsedSessions, parseSessions, planSessions, type SessionsPlan } from './sessions-plan.ts';
import { sessionsTable } from './sessions-table.ts';

type Count = number | string;

/** What is counted of a set of sessions. 64-bit integers may come as text. */
interface NumbersRow {
  readonly g: readonly string[];
  readonly b: Count;
  readonly level: Count;
  readonly sessions: Count;
  readonly viewed: Count;
  readonly bounces: Count;
  readonly duration_sum: Count;
  readonly events_sum: Count;
  readonly views_sum: Count;
  readonly levels: readonly (number | null)[];
}

interface PageRow {
  readonly list: Count;
  readonly other: Count;
  readonly name: string;
  readonly sessions: Count;
  readonly bounces: Count;
}

/** Grouping levels of the statement. */
const BUCKET = 0;
const GROUP = 1;
const ALL = 3;
/** Lists of pages in their statement. */
const ENTRY = 1;
const EXIT = 2;

/** Sessions over time: how many, how long, how deep, where they begin and end. */
export const sessionsInsight: Insight<SessionsRequest, SessionsAnswer> = {
  table: sessionsTable,
  async answer(request, inquiry) {
    const parsed = parseSessions(request);
    const { timeZone } = parsed;
    const range = await inquiry.range(request.range, timeZone);
    inquiry.usesProperties(parsed.keys);
    const plan = planSessions(parsed, range, inquiry.project, inquiry.context(timeZone));
    const { axis } = plan;
    const { numbers, pages, live } = await ask(plan, inquiry);
    const explanation = request.explain
      ? explanationOf(plan.numbers, 'Sessions are put together from their events.')
      : undefined;
    return {
      kind: 'sessions',
      source: 'events',
      ...inquiry.frame(range, timeZone, explanation),
      interval: axis.interval,
      buckets: bucketLabels(axis, timeZone),
      incomplete: { first: (axis.starts[0] ?? range.fromMs) < range.fromMs, last: axis.endMs > range.toMs },
      total: sessionNumbers(numbers.find(({ level }) => Number(level) === ALL)),
      series: seriesOf(parsed, plan, numbers),
      entry_pages: pagesOf(pages, ENTRY),
      exit_pages: pagesOf(pages, EXIT),
      live: { minutes: request.live_minutes, ...live },
    };
  },
};

const ask = async (plan: SessionsPlan, inquiry: Inquiry) => {
  const [numbers, pages, [live]] = await Promise.all([
    inquiry.read<NumbersRow>(plan.numbers),
    plan.pages === undefined ? [] : inquiry.read<PageRow>(plan.pages),
    inquiry.read<{ sessions: Count; users: Count }>(plan.live),
  ]);
  return { numbers, pages, live: { sessions: Number(live?.sessions ?? 0), users: Number(live?.users ?? 0) } };
};

const ratio = (part: Count, whole: Count): number | null =>
  Number(whole) === 0 ? null : Number(part) / Number(whole);

const sessionNumbers = (row: NumbersRow | undefined): SessionNumbers => ({
  sessions: Number(row?.sessions ?? 0),
  with_views: Number(row?.viewed ?? 0),
  bounces: Number(row?.bounces ?? 0),
  bounce_rate: ratio(row?.bounces ?? 0, row?.viewed ?? 0),
  duration_avg_ms: ratio(row?.duration_sum ?? 0, row?.sessions ?? 0),
  duration_median_ms: row?.levels[0] ?? null,
  duration_p90_ms: row?.levels[1] ?? null,
  events_per_session: ratio(row?.events_sum ?? 0, row?.sessions ?? 0),
  views_per_session: ratio(row?.views_sum ?? 0, row?.sessions ?? 0),
});

/** One column a number, one entry a bucket. */
const columnsOf = (numbers: readonly SessionNumbers[]): SessionColumns =>
  Object.fromEntries(
    SESSION_NUMBERS.map((name) => [name, numbers.map((of) => of[name])]),
  ) as unknown as SessionColumns;

const seriesOf = (
  { request, by }: ParsedSessions,
  { axis }: SessionsPlan,
  rows: readonly NumbersRow[],
): SessionSeries[] => {
  const slotOf = placeOnAxis(axis);
  const groups = Map.groupBy(
    rows.filter(({ level }) => Number(level) !== ALL),
    ({ g }) => JSON.stringify(g),
  );
  if (by.length === 0 && groups.size === 0) groups.set('[]', []);
  return [...groups]
    .map(([key, of]) => {
      const keys = JSON.parse(key) as string[];
      const buckets = new Map(
        of.filter(({ level }) => Number(level) === BUCKET).map((row) => [slotOf(row.b), row]),
      );
      return {
        keys,
        series: {
          ...groupOf(by, request.by, keys),
          total: sessionNumbers(of.find(({ level }) => Number(level) === GROUP)),
          values: columnsOf(axis.starts.map((_start, slot) => sessionNumbers(buckets.get(slot)))),
        },
      };
    })
    .sort(
      (a, b) =>
        Number(a.series.other) - Number(b.series.other) ||
        b.series.total.sessions - a.series.total.sessions ||
        compareText(a.keys.join('\0'), b.keys.join('\0')),
    )
    .map(({ series }) => series);
};

const pagesOf = (rows: readonly PageRow[], list: number): SessionPage[] =>
  rows
    .filter((row) => Number(row.list) === list)
    .map((row) => ({
      page: Number(row.other) === 1 ? null : row.name,
      other: Number(row.other) === 1,
      sessions: Number(row.sessions),
      bounces: Number(row.bounces),
      bounce_rate: ratio(row.bounces, row.sessions),
    }))
    .sort(
      (a, b) =>
        Number(a.other) - Number(b.other) ||
        b.sessions - a.sessions ||
        compareText(a.page ?? '', b.page ?? ''),
    );
