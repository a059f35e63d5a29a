/**
 * Telemetry events: one definition owns both the log line and the metrics of something that happens, so neither can be forgotten or drift.
 * After vector's RFC 2064 (internal events). Defined beside the code that emits them; this file knows no domain words.
 */

export type Level = 'debug' | 'info' | 'warn' | 'error';
export type Labels = Readonly<Record<string, string>>;

/** A metric that an event feeds. `value` defaults to 1 (a counter counts occurrences). Names follow Prometheus: `aevum_..._total`, units last. */
export interface EventMetric<Fields> {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly name: string;
  readonly help: string;
  readonly value?: (fields: Fields) => number;
  readonly labels?: (fields: Fields) => Labels;
  /** Upper bounds; histograms only. */
  readonly buckets?: readonly number[];
}

/** Something that happens, by name. Without `message` it is only measured, not logged. */
export interface TelemetryEvent<Fields> {
  readonly name: string;
  readonly level: Level;
  readonly message?: (fields: Fields) => string;
  readonly metrics?: readonly EventMetric<Fields>[];
}

/** Declares a telemetry event. The type parameter is the shape of its fields. */
export const defineEvent = <Fields>(event: TelemetryEvent<Fields>): TelemetryEvent<Fields> => event;

/** The state of one metric with one set of labels. Histograms: `counts[i]` is the number of values <= `buckets[i]`, not cumulative; the last entry is the rest. */
export interface MetricState {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly name: string;
  readonly help: string;
  readonly labels: Labels;
  value: number;
  readonly buckets?: readonly number[];
  readonly counts?: number[];
  /** Histograms: number of observations (then `value` is their sum). */
  count?: number;
}

/** Where log lines go. */
export type LogSink = (level: Level, name: string, message: string, fields: unknown) => void;

/** Series (metric and label sets) that one Telemetry holds at most; further ones are counted in `aevum_telemetry_series_dropped_total`. */
export const SERIES_MAX = 5_000;

const DEFAULT_BUCKETS: readonly number[] = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Collects the metrics of emitted events and hands their log lines to a sink. One a process. */
export class Telemetry {
  readonly #sink: LogSink;
  readonly #series = new Map<string, MetricState>();
  readonly #dropped: MetricState = {
    kind: 'counter',
    name: 'aevum_telemetry_series_dropped_total',
    help: 'Measurements dropped because too many label sets exist.',
    labels: {},
    value: 0,
  };

  constructor(sink: LogSink) {
    this.#sink = sink;
  }

  emit<Fields>(event: TelemetryEvent<Fields>, fields: Fields): void {
    for (const metric of event.metrics ?? []) {
      const labels = metric.labels?.(fields) ?? {};
      this.#record(metric, labels, metric.value?.(fields) ?? 1);
    }
    if (event.message !== undefined) this.#sink(event.level, event.name, event.message(fields), fields);
  }

  /**
   * The live state of one series, made if new: for hot paths, which look it up once and feed it by `observe` without a look-up each time.
   */
  series(metric: EventMetric<never>, labels: Labels): MetricState {
    return this.#stateOf(metric, labels);
  }

  /** All series as they stand. The objects are live: copy before changing. */
  snapshot(): MetricState[] {
    return [...this.#series.values(), this.#dropped];
  }

  #record<Fields>(metric: EventMetric<Fields>, labels: Labels, value: number): void {
    observe(this.#stateOf(metric, labels), value);
  }

  #stateOf(metric: EventMetric<never>, labels: Labels): MetricState {
    const key = seriesKey(metric.name, labels);
    const known = this.#series.get(key);
    if (known !== undefined) return known;
    if (this.#series.size >= SERIES_MAX) {
      this.#dropped.value += 1;
      return { ...this.#dropped };
    }
    const { kind, name, help } = metric;
    const state: MetricState = { kind, name, help, labels, value: 0 };
    const buckets = metric.buckets ?? DEFAULT_BUCKETS;
    const made =
      kind === 'histogram'
        ? { ...state, buckets, counts: new Array<number>(buckets.length + 1).fill(0), count: 0 }
        : state;
    this.#series.set(key, made);
    return made;
  }
}

/** Feeds a value to a series: sets a gauge, adds to a counter, counts in a histogram. Allocates nothing. */
export const observe = (state: MetricState, value: number): void => {
  if (state.kind === 'gauge') {
    state.value = value;
    return;
  }
  state.value += value;
  const { buckets, counts } = state;
  if (counts === undefined || buckets === undefined) return;
  let slot = 0;
  while (slot < buckets.length && value > (buckets[slot] as number)) slot++;
  counts[slot] = (counts[slot] ?? 0) + 1;
  state.count = (state.count ?? 0) + 1;
};

/** Names one series: the metric's name and its labels. */
export const seriesKey = (name: string, labels: Labels): string => {
  const keys = Object.keys(labels);
  return keys.length === 0 ? name : `${name}|${keys.map((key) => `${key}=${labels[key]}`).join('|')}`;
};

/** A Telemetry that keeps metrics and drops log lines: for tests and tools. */
export const quietTelemetry = (): Telemetry => new Telemetry(() => undefined);
