import type { Filter } from '../../contract/question.ts';
import type { TrendRequest, TrendSeries } from '../../contract/trend.ts';

/**
 * What a trend means, written down naively: every event is looked at one by one, nothing is shared with the code under test but the wire types. Slow, and easy to
 * believe.
 */

/** An event of the model. */
export interface ModelEvent {
  readonly project: string;
  readonly timeMs: number;
  readonly type: string;
  readonly user_id: string;
  readonly session_id: string;
  readonly country: string;
  readonly currency: string;
  /** Millionths, or null. */
  readonly micros: bigint | null;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** A series of the model; `values` by first instant of the bucket. Empty buckets are absent. */
export interface ModelSeries {
  readonly group: TrendSeries['group'];
  readonly other: boolean;
  readonly currency: string | null | undefined;
  readonly total: number | null;
  readonly values: ReadonlyMap<number, number | null>;
}

const textOfProperty = (value: unknown): string | null => {
  if (value === undefined || value === null) return null;
  return typeof value === 'string' ? value : JSON.stringify(value);
};

/** The field as text, null where absent. */
export const textOf = (event: ModelEvent, field: string): string | null => {
  if (field.startsWith('properties.'))
    return textOfProperty(event.properties[field.slice('properties.'.length)]);
  if (field === 'value') return event.micros === null ? null : String(Number(event.micros) / 1e6);
  const value = event[field as 'type' | 'user_id' | 'session_id' | 'country' | 'currency'];
  return value === '' ? null : value;
};

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/u;

const numberOf = (event: ModelEvent, field: string): number | null => {
  const text = textOf(event, field);
  if (text === null || !NUMBER.test(text)) return null;
  return Number.isFinite(Number(text)) ? Number(text) : null;
};

/** In fields of the event absent and empty are the same, so "" finds both; a property may be there and empty. */
const equals = (event: ModelEvent, field: string, value: string | number | boolean): boolean => {
  if (typeof value === 'number') return numberOf(event, field) === value;
  return (textOf(event, field) ?? (field.startsWith('properties.') ? null : '')) === String(value);
};

const compare = (a: string | number | null, op: string, b: string | number): boolean => {
  if (a === null) return false;
  const [x, y] = typeof a === 'string' ? [Buffer.from(a), Buffer.from(String(b))] : [a, Number(b)];
  const order = x instanceof Buffer && y instanceof Buffer ? Buffer.compare(x, y) : Number(x) - Number(y);
  return { gt: order > 0, gte: order >= 0, lt: order < 0, lte: order <= 0 }[op] ?? false;
};

/** Whether a filter holds for an event. */
export const holds = (filter: Filter, event: ModelEvent): boolean => {
  if ('and' in filter) return filter.and.every((part) => holds(part, event));
  if ('or' in filter) return filter.or.some((part) => holds(part, event));
  if ('not' in filter) return !holds(filter.not, event);
  if (filter.op === 'in_cohort') throw new Error('this model knows no cohorts');
  const { field } = filter;
  switch (filter.op) {
    case 'eq':
      return equals(event, field, filter.value);
    case 'neq':
      return !equals(event, field, filter.value);
    case 'in':
      return filter.values.some((value) => equals(event, field, value));
    case 'not_in':
      return !filter.values.some((value) => equals(event, field, value));
    case 'contains':
      return textOf(event, field)?.includes(filter.value) ?? false;
    case 'exists':
      return textOf(event, field) !== null;
    case 'not_exists':
      return textOf(event, field) === null;
    default:
      return compare(
        typeof filter.value === 'number' ? numberOf(event, field) : textOf(event, field),
        filter.op,
        filter.value,
      );
  }
};

const WIDTHS: Readonly<Record<string, number>> = {
  '10s': 10,
  '30s': 30,
  '1m': 60,
  '5m': 300,
  '15m': 900,
  '1h': 3_600,
};

/** First instant of the bucket that an event belongs to. For zones whose offset changes by whole hours. */
export const bucketOf = (ms: number, interval: string, timeZone: string): number => {
  const at = Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(timeZone);
  const width = WIDTHS[interval];
  if (width !== undefined) {
    const offset = at.offsetNanoseconds / 1e6;
    return Math.floor((ms + offset) / (width * 1000)) * width * 1000 - offset;
  }
  const date = at.toPlainDate();
  const first =
    interval === '1w'
      ? date.subtract({ days: date.dayOfWeek - 1 })
      : interval === '1M'
        ? date.with({ day: 1 })
        : date;
  return first.toZonedDateTime(timeZone).epochMilliseconds;
};

type Measure = Exclude<TrendRequest['measure'], string | { kind: 'rate' }>;

/** A measure without shorthands. A rate is what it divides by time. */
export const expand = (measure: TrendRequest['measure']): Measure => {
  if (measure === 'count') return { kind: 'count' };
  if (measure === 'unique_users') return { kind: 'unique', of: 'user_id' };
  if (measure === 'unique_sessions') return { kind: 'unique', of: 'session_id' };
  if (measure.kind !== 'rate') return measure;
  return measure.of === undefined ? { kind: 'count' } : { kind: 'sum', of: measure.of };
};

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

const ofNumbers = (measure: Measure, numbers: readonly number[]): number | null => {
  if (numbers.length === 0) return measure.kind === 'sum' ? 0 : null;
  const sorted = [...numbers].sort((a, b) => a - b);
  switch (measure.kind) {
    case 'sum':
      return sum(numbers);
    case 'avg':
      return sum(numbers) / numbers.length;
    case 'min':
      return sorted[0] ?? null;
    case 'max':
      return sorted.at(-1) ?? null;
    case 'quantile':
      return sorted[Math.floor(measure.level * (sorted.length - 1))] ?? null;
    default:
      throw new Error('not a measure of numbers');
  }
};

/** The measure of some events. */
export const apply = (measure: Measure, events: readonly ModelEvent[]): number | null => {
  if (measure.kind === 'count') return events.length;
  if (measure.kind === 'unique')
    return new Set(events.map((event) => textOf(event, measure.of)).filter((text) => text !== null)).size;
  if (measure.of !== 'value')
    return ofNumbers(
      measure,
      events.map((event) => numberOf(event, measure.of)).filter((n) => n !== null),
    );
  const micros = events.map((event) => event.micros).filter((m) => m !== null);
  if (measure.kind === 'sum') return Number(micros.reduce((a, b) => a + b, 0n)) / 1e6;
  if (measure.kind === 'avg')
    return micros.length === 0 ? null : Number(micros.reduce((a, b) => a + b, 0n)) / 1e6 / micros.length;
  return ofNumbers(
    measure,
    micros.map((m) => Number(m) / 1e6),
  );
};

/** Whether a row has something to measure: others make no group. */
export const isMeasured = (measure: Measure, event: ModelEvent): boolean => {
  if (measure.kind === 'count' || measure.kind === 'unique') return true;
  return measure.of === 'value' ? event.micros !== null : numberOf(event, measure.of) !== null;
};

/** Items by a name of theirs. */
export const groupBy = <T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> => {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
};

/** The series of a trend over events of all projects, in no particular order. */
export const modelTrend = (
  all: readonly ModelEvent[],
  project: string,
  request: TrendRequest,
  range: { readonly fromMs: number; readonly toMs: number },
): ModelSeries[] => {
  const measure = expand(request.measure);
  const isMoney = 'of' in measure && measure.of === 'value' && measure.kind !== 'unique';
  const events = all.filter(
    (event) =>
      event.project === project &&
      event.timeMs >= range.fromMs &&
      event.timeMs < range.toMs &&
      (request.types?.includes(event.type) ?? true) &&
      (request.filter === undefined || holds(request.filter, event)) &&
      isMeasured(measure, event),
  );
  const series = (
    of: readonly ModelEvent[],
    group: ModelSeries['group'],
    other: boolean,
    currency: string | null | undefined,
  ): ModelSeries => {
    const buckets =
      request.interval === 'total'
        ? new Map([[String(range.fromMs), of]])
        : groupBy(of, ({ timeMs }) => String(bucketOf(timeMs, request.interval, request.timezone)));
    const values = new Map([...buckets].map(([start, inside]) => [Number(start), apply(measure, inside)]));
    return { group, other, currency, total: apply(measure, of), values };
  };
  const perCurrency = isMoney ? groupBy(events, ({ currency }) => currency) : new Map([['', events]]);
  return [...perCurrency].flatMap(([currency, inside]) => {
    const money = isMoney ? (currency === '' ? null : currency) : undefined;
    if (request.by === undefined)
      return inside.length === 0 && isMoney ? [] : [series(inside, null, false, money)];
    const by = request.by;
    const keyOf = (event: ModelEvent) => JSON.stringify(by.map((field) => textOf(event, field)));
    // Ties go by the texts of the group, an absent one first; a property that is there stands behind "=" in the order, which changes nothing.
    const sortKey = (key: string) =>
      (JSON.parse(key) as (string | null)[]).map((text) => (text === null ? '' : `=${text}`));
    const groups = [...groupBy(inside, keyOf)].sort(([a, x], [b, y]) => {
      const order =
        (apply(measure, y) ?? Number.NEGATIVE_INFINITY) - (apply(measure, x) ?? Number.NEGATIVE_INFINITY);
      return order !== 0 ? order : compareTexts(sortKey(a), sortKey(b));
    });
    const named = groups.slice(0, request.top).map(([key, of]) => {
      const texts = JSON.parse(key) as (string | null)[];
      return series(
        of,
        Object.fromEntries(by.map((field, index) => [field, texts[index] ?? null])),
        false,
        money,
      );
    });
    const rest = groups.slice(request.top).flatMap(([, of]) => of);
    return rest.length === 0 ? named : [...named, series(rest, null, true, money)];
  });
};

/** Texts in the order of their bytes, the first that differ deciding. */
export const compareTexts = (a: readonly string[], b: readonly string[]): number => {
  for (const [index, text] of a.entries()) {
    const order = Buffer.compare(Buffer.from(text), Buffer.from(b[index] ?? ''));
    if (order !== 0) return order;
  }
  return 0;
};
