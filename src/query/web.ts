import {
  WEB_LISTS,
  WEB_NUMBERS,
  type WebAnswer,
  type WebColumns,
  type WebEntry,
  type WebNumbers,
  type WebOverTime,
  type WebRequest,
} from '../contract/web.ts';
import { compareText } from '../lib/compare-text.ts';
import { placeOnAxis } from './axis-sql.ts';
import { type Axis, bucketLabels } from './buckets.ts';
import { explanationOf, type Inquiry, type Insight } from './insight.ts';
import { isoOf } from './instant.ts';
import { listNumber, parseWeb, planWeb, TIMES_NUMBER, type WebAxes } from './web-plan.ts';
import type { TimeRange } from './time-range.ts';
import type { Explanation } from '../contract/question.ts';
import type { Statement } from './sql.ts';
import { answerSettled, type WebScope } from './web-settled.ts';
import { webTable } from './web-table.ts';

type Count = number | string;

/** Names of what is counted. */
type Counted = 'visitors' | 'sessions' | 'views_sum' | 'viewed' | 'bounces' | 'duration_sum';

/** A row of the statement: numbers of the range, and of the period before. 64-bit integers may come as text. */
type WebRow = { readonly list: Count; readonly other: Count; readonly name: string } & {
  readonly [Name in Counted]: Count;
} & {
  /** Absent where nothing is compared. */
  readonly [Name in `p_${Counted}`]?: Count;
};

/** Visits to a web site: who, from where, what they saw. */
export const webInsight: Insight<WebRequest, WebAnswer> = {
  table: webTable,
  async answer(request, inquiry) {
    const parsed = parseWeb(request);
    const { timeZone } = parsed;
    const range = await inquiry.range(request.range, timeZone);
    inquiry.usesProperties(parsed.keys);
    const plan = planWeb(parsed, range, inquiry.project, inquiry.context(timeZone));
    const { previous, over } = plan;
    const [{ rows, explained }, [live]] = await Promise.all([
      numbersFrom({ ...parsed, range, previous, over }, plan.numbers, inquiry),
      inquiry.read<{ sessions: Count; users: Count }>(plan.live),
    ]);
    const explanation = request.explain ? explained : undefined;
    const isCompared = previous !== undefined;
    const lists = WEB_LISTS.map((list) => [list, entriesOf(rows, listNumber(list), isCompared)]);
    return {
      kind: 'web',
      source: 'events',
      ...inquiry.frame(range, timeZone, explanation),
      previous_range:
        previous === undefined ? null : { from: isoOf(previous.fromMs), to: isoOf(previous.toMs) },
      total: comparedNumbers(
        rows.find(({ list }) => Number(list) === 0),
        isCompared,
      ),
      ...(over === undefined ? {} : { over_time: overTime(rows, over, range, timeZone) }),
      lists: Object.fromEntries(lists) as WebAnswer['lists'],
      live: {
        minutes: request.live_minutes,
        sessions: Number(live?.sessions ?? 0),
        users: Number(live?.users ?? 0),
      },
    };
  },
};

/** The rows of the numbers, and how they came about. */
const numbersFrom = async (
  scope: WebScope,
  ofEvents: Statement,
  inquiry: Inquiry,
): Promise<{ rows: readonly WebRow[]; explained: Explanation }> => {
  const settled = await answerSettled(scope, inquiry);
  return settled === undefined
    ? {
        rows: await inquiry.read<WebRow>(ofEvents),
        explained: explanationOf(ofEvents, 'Sessions are put together from their events.'),
      }
    : {
        rows: settled.rows as readonly WebRow[],
        explained: explanationOf(
          settled.statement,
          settled.counting === 'distinct'
            ? KEPT_AS_ROWS
            : `${KEPT_AS_ROWS} The statement tells all numbers but visitors: further ones count those.`,
        ),
      };
};

const KEPT_AS_ROWS = 'Sessions that ended are kept as rows.';

const numbersOf = (row: WebRow | undefined, prefix: '' | 'p_'): WebNumbers => {
  const of = (name: Counted): number => Number(row?.[`${prefix}${name}`] ?? 0);
  const ratio = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);
  return {
    visitors: of('visitors'),
    sessions: of('sessions'),
    views: of('views_sum'),
    views_per_session: ratio(of('views_sum'), of('sessions')),
    bounces: of('bounces'),
    bounce_rate: ratio(of('bounces'), of('viewed')),
    duration_avg_ms: ratio(of('duration_sum'), of('sessions')),
  };
};

const comparedNumbers = (row: WebRow | undefined, isCompared: boolean): WebAnswer['total'] => ({
  ...numbersOf(row, ''),
  previous: isCompared ? numbersOf(row, 'p_') : null,
});

/** One column a number, one entry a bucket; null where there is no bucket. */
const columnsOf = (numbers: readonly (WebNumbers | undefined)[]): WebColumns =>
  Object.fromEntries(
    WEB_NUMBERS.map((name) => [name, numbers.map((of) => of?.[name] ?? null)]),
  ) as unknown as WebColumns;

const BEFORE = 'p';

const overTime = (
  rows: readonly WebRow[],
  { now, before }: WebAxes,
  range: TimeRange,
  timeZone: string,
): WebOverTime => {
  const times = rows.filter(({ list }) => Number(list) === TIMES_NUMBER);
  const along = (axis: Axis, of: readonly WebRow[], prefix: '' | 'p_'): WebNumbers[] => {
    const placeOf = placeOnAxis(axis);
    const inPlace = new Map(of.map((row) => [placeOf(row.name.replace(BEFORE, '')), row]));
    return axis.starts.map((_start, place) => numbersOf(inPlace.get(place), prefix));
  };
  const isBefore = ({ name }: WebRow): boolean => name.startsWith(BEFORE);
  const columnsBefore = before === undefined ? [] : along(before, times.filter(isBefore), 'p_');
  const labelsBefore = before === undefined ? [] : bucketLabels(before, timeZone);
  return {
    interval: now.interval,
    buckets: bucketLabels(now, timeZone),
    incomplete: { first: (now.starts[0] ?? range.fromMs) < range.fromMs, last: now.endMs > range.toMs },
    values: columnsOf(
      along(
        now,
        times.filter((row) => !isBefore(row)),
        '',
      ),
    ),
    previous:
      before === undefined
        ? null
        : {
            buckets: now.starts.map((_start, place) => labelsBefore[place] ?? null),
            values: columnsOf(now.starts.map((_start, place) => columnsBefore[place])),
          },
  };
};

const entriesOf = (rows: readonly WebRow[], number: number, isCompared: boolean): WebEntry[] => {
  const isPages = number === listNumber('pages');
  const weight = (entry: WebEntry): number => (isPages ? entry.views : entry.sessions);
  return rows
    .filter(({ list }) => Number(list) === number)
    .map((row) => ({
      value: row.name === '' ? null : row.name,
      other: Number(row.other) === 1,
      ...comparedNumbers(row, isCompared),
    }))
    .sort(
      (a, b) =>
        Number(a.other) - Number(b.other) ||
        weight(b) - weight(a) ||
        compareText(a.value ?? '', b.value ?? ''),
    );
};
