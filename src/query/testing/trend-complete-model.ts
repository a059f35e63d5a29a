import type { TrendRequest } from '../../contract/trend.ts';
import {
  apply,
  bucketOf,
  compareTexts,
  expand,
  groupBy,
  holds,
  isMeasured,
  type ModelEvent,
  textOf,
} from './trend-model.ts';

/**
 * What a trend of several series means, written down naively: every number is taken anew from a list of events. Shares nothing with the code under test but wire types. Formulas
 * come as functions, so that nothing here reads them.
 */

/** A formula of the request, as a function of the numbers of its letters. */
export type ModelFormula = (numbers: Readonly<Record<string, number>>) => number;

/** A line of the model. */
export interface CompleteLine {
  readonly id: string;
  readonly group: Readonly<Record<string, string | null>> | null;
  readonly other: boolean;
  readonly currency: string | null | undefined;
  readonly total: number | null;
  readonly values: readonly (number | null)[];
  readonly compared:
    | { readonly total: number | null; readonly values: readonly (number | null)[] }
    | undefined;
}

interface Range {
  readonly fromMs: number;
  readonly toMs: number;
}

interface Bucket extends Range {
  /** What the number of the bucket is measured over. */
  readonly over: Range;
}

type Zoned = Temporal.ZonedDateTime;

const at = (ms: number, timeZone: string): Zoned =>
  Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(timeZone);

const STEP_MS: Readonly<Record<string, number>> = {
  '10s': 10_000,
  '30s': 30_000,
  '1m': 60_000,
  '5m': 300_000,
};
const QUARTER_MS = 900_000;
const MONTHS_PER_YEAR = 12;

const nextBucket = (startMs: number, request: TrendRequest): number => {
  let ms = startMs;
  while (bucketOf(ms, request.interval, request.timezone) <= startMs)
    ms += STEP_MS[request.interval] ?? QUARTER_MS;
  return bucketOf(ms, request.interval, request.timezone);
};

const back = (startMs: number, steps: number, request: TrendRequest): number => {
  let ms = startMs;
  for (let step = 0; step < steps; step++) ms = bucketOf(ms - 1, request.interval, request.timezone);
  return ms;
};

const bucketsOf = (range: Range, request: TrendRequest, steps: number | undefined): Bucket[] => {
  if (request.interval === 'total') return [{ ...range, over: range }];
  const buckets: Bucket[] = [];
  let startMs = bucketOf(range.fromMs, request.interval, request.timezone);
  while (startMs < range.toMs) {
    const endMs = nextBucket(startMs, request);
    const to = Math.min(endMs, range.toMs);
    const from = request.cumulative ? range.fromMs : Math.max(startMs, range.fromMs);
    const over =
      steps === undefined
        ? { fromMs: from, toMs: to }
        : { fromMs: back(startMs, steps - 1, request), toMs: endMs };
    buckets.push({ fromMs: startMs, toMs: endMs, over });
    startMs = endMs;
  }
  return buckets;
};

/** The local time that the other period has in the place of this one; undefined where the month has no such day. */
const counterpart = (local: Temporal.PlainDateTime, days: number, months: number): string | undefined => {
  const date = local.toPlainDate().subtract({ days });
  const count = date.year * MONTHS_PER_YEAR + date.month - 1 - months;
  const [year, month] = [Math.floor(count / MONTHS_PER_YEAR), (count % MONTHS_PER_YEAR) + 1];
  if (date.day > Temporal.PlainDate.from({ year, month, day: 1 }).daysInMonth) return undefined;
  return Temporal.PlainDate.from({ year, month, day: date.day })
    .toPlainDateTime(local.toPlainTime())
    .toString();
};

const shifted = (ms: number, days: number, months: number, timeZone: string): number => {
  const local = at(ms, timeZone).toPlainDateTime();
  const text = counterpart(local, days, months);
  if (text !== undefined)
    return Temporal.PlainDateTime.from(text).toZonedDateTime(timeZone).epochMilliseconds;
  const first = Temporal.PlainDate.from(counterpart(local.with({ day: 1 }), days, months) ?? '');
  return first.add({ months: 1 }).toZonedDateTime(timeZone).epochMilliseconds;
};

interface Shift {
  readonly days: number;
  readonly months: number;
  readonly ms: number;
}

const isMonthStart = (ms: number, timeZone: string): boolean => bucketOf(ms, '1M', timeZone) === ms;

const DAY_MS = 86_400_000;

const shiftOf = (request: TrendRequest, range: Range): Shift => {
  const zone = request.timezone;
  const none = { days: 0, months: 0, ms: 0 };
  const [from, to] = [at(range.fromMs, zone), at(range.toMs, zone)];
  const time = (zoned: Zoned) => zoned.toPlainTime().toString();
  const dayNumber = (zoned: Zoned) => Date.parse(`${zoned.toPlainDate().toString()}T00:00:00Z`) / DAY_MS;
  if (typeof request.compare === 'object') {
    const start = at(Number(request.compare.to), zone);
    return time(start) === time(from)
      ? { ...none, days: dayNumber(from) - dayNumber(start) }
      : { ...none, ms: range.fromMs - Number(request.compare.to) };
  }
  if (request.compare === 'previous_day') return { ...none, days: 1 };
  if (request.compare === 'previous_week') return { ...none, days: 7 };
  if (request.compare === 'previous_month') return { ...none, months: 1 };
  if (request.compare === 'previous_year') return { ...none, months: MONTHS_PER_YEAR };
  if (isMonthStart(range.fromMs, zone) && isMonthStart(range.toMs, zone))
    return { ...none, months: (to.year - from.year) * MONTHS_PER_YEAR + to.month - from.month };
  const days = dayNumber(to) - dayNumber(from);
  if (days > 0 && time(from) === time(to)) return { ...none, days };
  const length = range.toMs - range.fromMs;
  if (!['1d', '1w', '1M'].includes(request.interval)) return { ...none, ms: length };
  const whole = Math.ceil(length / DAY_MS);
  return { ...none, days: request.interval === '1w' ? Math.ceil(whole / 7) * 7 : whole };
};

/** How often the local time of an instant was there before. */
const timesBefore = (ms: number, timeZone: string): number => {
  const local = at(ms, timeZone).toPlainDateTime().toString();
  return at(ms - 3_600_000, timeZone)
    .toPlainDateTime()
    .toString() === local
    ? 1
    : 0;
};

const placesOf = (
  buckets: readonly Bucket[],
  others: readonly Bucket[],
  { days, months, ms }: Shift,
  { interval, timezone }: TrendRequest,
): (number | undefined)[] => {
  const isCounted =
    ms !== 0 ||
    interval === 'total' ||
    (interval === '1w' && (months !== 0 || days % 7 !== 0)) ||
    (interval === '1M' && months === 0);
  const isDays = ['1d', '1w', '1M'].includes(interval);
  const nameOf = (text: string, times: number) => (isDays ? text.slice(0, 10) : `${text} ${times}`);
  const names = others.map(({ fromMs }) =>
    nameOf(at(fromMs, timezone).toPlainDateTime().toString(), timesBefore(fromMs, timezone)),
  );
  return buckets.map(({ fromMs }, index) => {
    if (isCounted) return index < others.length ? index : undefined;
    const text = counterpart(at(fromMs, timezone).toPlainDateTime(), days, months);
    const place = text === undefined ? -1 : names.indexOf(nameOf(text, timesBefore(fromMs, timezone)));
    return place < 0 ? undefined : place;
  });
};

const within = (events: readonly ModelEvent[], { fromMs, toMs }: Range): ModelEvent[] =>
  events.filter(({ timeMs }) => timeMs >= fromMs && timeMs < toMs);

type Measure = ReturnType<typeof expand>;

interface ModelSeries {
  readonly id: string;
  readonly hidden: boolean;
  readonly measure: Measure;
  readonly rateMs: number | undefined;
  readonly isMoney: boolean;
  readonly events: readonly ModelEvent[];
}

const RATE_MS: Readonly<Record<string, number>> = {
  second: 1_000,
  minute: 60_000,
  hour: 3_600_000,
  day: DAY_MS,
};

const seriesOf = (all: readonly ModelEvent[], request: TrendRequest): ModelSeries[] => {
  const asked = request.series ?? [
    { measure: request.measure, hidden: false, types: undefined, filter: undefined },
  ];
  return asked.map(({ measure: given, hidden, types, filter }, index) => {
    const measure = expand(given);
    const events = all.filter(
      (event) =>
        (request.types?.includes(event.type) ?? true) &&
        (types?.includes(event.type) ?? true) &&
        (request.filter === undefined || holds(request.filter, event)) &&
        (filter === undefined || holds(filter, event)) &&
        isMeasured(measure, event),
    );
    return {
      ...{ id: 'ABCDEFGHIJ'.charAt(index), hidden, measure, events },
      rateMs: typeof given === 'object' && given.kind === 'rate' ? RATE_MS[given.per] : undefined,
      isMoney: 'of' in measure && measure.of === 'value' && measure.kind !== 'unique',
    };
  });
};

/** Money of one currency, in one group. */
interface Cell {
  readonly currency: string | undefined;
  /** The texts of the fields of `by`; undefined: other; empty: no break-down. */
  readonly key: string | undefined;
}

/** The series of a trend over events of all projects, in no particular order. `steps`: of the sliding window. */
export const modelCompleteTrend = (
  everything: readonly ModelEvent[],
  project: string,
  request: TrendRequest,
  asked: Range,
  options: { readonly steps: number | undefined; readonly formulas: readonly ModelFormula[] },
): {
  readonly lines: CompleteLine[];
  readonly starts: number[];
  readonly comparedStarts: (number | null)[] | undefined;
} => {
  const { steps, formulas } = options;
  const all = everything.filter((event) => event.project === project);
  const series = seriesOf(all, request);
  const active = all.filter((event) => request.filter === undefined || holds(request.filter, event));
  const snapped = (range: Range, inside: readonly Bucket[]): Range =>
    steps === undefined
      ? range
      : { fromMs: inside[0]?.fromMs ?? range.fromMs, toMs: inside.at(-1)?.toMs ?? range.toMs };
  const buckets = bucketsOf(asked, request, steps);
  const range = snapped(asked, buckets);
  const shift = request.compare === undefined ? undefined : shiftOf(request, range);
  const other =
    shift === undefined
      ? undefined
      : {
          fromMs: shifted(range.fromMs - shift.ms, shift.days, shift.months, request.timezone),
          toMs: shifted(range.toMs - shift.ms, shift.days, shift.months, request.timezone),
        };
  const comparedBuckets =
    shift === undefined || other === undefined
      ? undefined
      : shift.ms === 0
        ? bucketsOf(other, request, steps)
        : bucketsOf(range, request, steps).map(({ fromMs, toMs, over }) => ({
            ...{ fromMs: fromMs - shift.ms, toMs: toMs - shift.ms },
            over: { fromMs: over.fromMs - shift.ms, toMs: over.toMs - shift.ms },
          }));
  const places =
    shift === undefined || comparedBuckets === undefined
      ? undefined
      : placesOf(buckets, comparedBuckets, shift, request);
  const by = request.by;
  const keyOf = (event: ModelEvent) => JSON.stringify((by ?? []).map((field) => textOf(event, field)));
  const named = namedGroups(series[0], range, request, keyOf, request.per !== undefined || series.length > 1);
  const cellOf = (event: ModelEvent, isMoney: boolean): Cell => ({
    currency: isMoney ? event.currency : undefined,
    key: named(event) ? keyOf(event) : undefined,
  });
  const nameOf = ({ currency, key }: Cell) => JSON.stringify([currency ?? null, key ?? null]);
  const periods = [
    { range, buckets },
    ...(comparedBuckets === undefined || other === undefined
      ? []
      : [{ range: snapped(other, comparedBuckets), buckets: comparedBuckets }]),
  ];
  // What is counted in a period at all, windows that reach back included.
  const reach = (period: (typeof periods)[number]): Range => ({
    fromMs: Math.min(
      period.range.fromMs,
      ...(steps === undefined ? [] : [period.buckets[0]?.over.fromMs ?? 0]),
    ),
    toMs: period.range.toMs,
  });
  const cells = new Map<string, Cell>();
  for (const one of series)
    for (const period of periods)
      for (const event of within(one.events, reach(period))) {
        const cell = cellOf(event, one.isMoney);
        cells.set(nameOf(cell), cell);
      }
  if (by === undefined)
    cells.set(nameOf({ currency: undefined, key: '[]' }), { currency: undefined, key: '[]' });
  const keys = [...new Set([...cells.values()].map(({ key }) => key))];
  const currencies = (key: string | undefined) =>
    [...cells.values()].filter((cell) => cell.key === key && cell.currency !== undefined);
  const number = (one: ModelSeries, cell: Cell, over: Range): number | null => {
    const inside = within(one.events, over).filter(
      (event) => nameOf(cellOf(event, one.isMoney)) === nameOf(cell),
    );
    const value = apply(one.measure, inside);
    const rate =
      one.rateMs === undefined || value === null ? value : (value * one.rateMs) / (over.toMs - over.fromMs);
    if (request.per === undefined || rate === null) return rate;
    const present = within(active, over).filter((event) => cellOf(event, false).key === cell.key);
    const users = new Set(present.map(({ user_id }) => user_id).filter((id) => id !== '')).size;
    return users === 0 ? null : rate / users;
  };
  const formulaNumber = (formula: ModelFormula, cell: Cell, over: Range): number | null => {
    const numbers: Record<string, number> = {};
    let isMissing = false;
    const letters = new Proxy(numbers, {
      get: (_, letter) => {
        const one = series.find(({ id }) => id === letter);
        if (one === undefined) throw new Error(`no series ${String(letter)}`);
        const value = number(one, one.isMoney ? cell : { ...cell, currency: undefined }, over);
        isMissing ||= value === null;
        return value ?? 0;
      },
    });
    const result = formula(letters);
    return isMissing || !Number.isFinite(result) ? null : result;
  };
  const average = (values: readonly (number | null)[]): readonly (number | null)[] => {
    const count = request.smooth?.moving_average;
    if (count === undefined) return values;
    return values.map((_, index) => {
      const known = values.slice(Math.max(0, index - count + 1), index + 1).filter((value) => value !== null);
      if (index < count - 1 || known.length === 0) return null;
      return known.reduce((sum, value) => sum + value, 0) / known.length;
    });
  };
  const line = (id: string, cell: Cell, measure: (over: Range) => number | null): CompleteLine => {
    const [current, compared] = periods.map((period) => ({
      total: measure(period.range),
      values: average(period.buckets.map(({ over }) => measure(over))),
    }));
    const texts = cell.key === undefined ? [] : (JSON.parse(cell.key) as (string | null)[]);
    return {
      id,
      group:
        by === undefined || cell.key === undefined
          ? null
          : Object.fromEntries(by.map((field, index) => [field, texts[index] ?? null])),
      other: cell.key === undefined,
      currency: cell.currency === undefined ? undefined : cell.currency === '' ? null : cell.currency,
      total: current?.total ?? null,
      values: current?.values ?? [],
      compared:
        compared === undefined
          ? undefined
          : {
              total: compared.total,
              values: (places ?? []).map((place) =>
                place === undefined ? null : (compared.values[place] ?? null),
              ),
            },
    };
  };
  // Every money series has the cells that any money series has.
  const cellsOf = (of: readonly ModelSeries[]): Cell[] =>
    of.some(({ isMoney }) => isMoney)
      ? keys.flatMap(currencies)
      : keys.map((key) => ({ currency: undefined, key }));
  const lines = series
    .filter(({ hidden }) => !hidden)
    .flatMap((one) => cellsOf([one]).map((cell) => line(one.id, cell, (over) => number(one, cell, over))));
  const computed = formulas.flatMap((formula, index) =>
    cellsOf(lettersIn(formula, series)).map((cell) =>
      line(`formula_${index + 1}`, cell, (over) => formulaNumber(formula, cell, over)),
    ),
  );
  return {
    lines: [...lines, ...computed],
    starts: buckets.map(({ fromMs }) => fromMs),
    comparedStarts: places?.map((place) =>
      place === undefined ? null : (comparedBuckets?.[place]?.fromMs ?? null),
    ),
  };
};

const lettersIn = (formula: ModelFormula, series: readonly ModelSeries[]): ModelSeries[] => {
  const asked = new Set<string>();
  formula(new Proxy<Record<string, number>>({}, { get: (_, letter) => (asked.add(String(letter)), 1) }));
  return series.filter(({ id }) => asked.has(id));
};

/** Whether an event is of a group that is named. */
const namedGroups = (
  first: ModelSeries | undefined,
  range: Range,
  request: TrendRequest,
  keyOf: (event: ModelEvent) => string,
  isShared: boolean,
): ((event: ModelEvent) => boolean) => {
  if (request.by === undefined || first === undefined) return () => true;
  const named = new Set<string>();
  const currencyOf = (event: ModelEvent) => (first.isMoney ? event.currency : '');
  for (const [currency, events] of groupBy(within(first.events, range), currencyOf)) {
    const size = (inside: readonly ModelEvent[]) => apply(first.measure, inside) ?? Number.NEGATIVE_INFINITY;
    const sortKey = (key: string) =>
      (JSON.parse(key) as (string | null)[]).map((text) => (text === null ? '' : `=${text}`));
    [...groupBy(events, keyOf)]
      .sort(([a, x], [b, y]) => size(y) - size(x) || compareTexts(sortKey(a), sortKey(b)))
      .slice(0, request.top)
      .forEach(([key]) => named.add(isShared ? key : `${currency} ${key}`));
  }
  return (event) => named.has(isShared ? keyOf(event) : `${currencyOf(event)} ${keyOf(event)}`);
};
