import type { Clock } from '../lib/clock.ts';
import { Duties } from '../lib/duties.ts';
import { defineEvent, type Telemetry } from '../lib/telemetry.ts';
import type { KeptSource } from '../query/insight.ts';
import { KEPT_PREFIX, keptLayout } from '../query/kept-layout.ts';
import { type KeptLayout, keptInsert, keptShape } from '../query/kept-metric.ts';
import type { SavedMetric } from '../query/ports.ts';
import type { KeptMetrics } from '../query/service.ts';
import type { Warehouse } from '../warehouse/client.ts';
import type { Derived } from '../warehouse/derived.ts';
import type { DerivedTables } from '../warehouse/derived-tables.ts';
import { quoteIdentifier } from '../warehouse/quote.ts';
import { DURABLE } from '../warehouse/schema.ts';

/**
 * Keeps metrics ready: each that is worth it has a table of its own, derived from the events in the background. Which metrics there are is in the catalogue, which tables in the warehouse: what does not fit together is
 * made or dropped. A metric that changes is one of another version, so of another table.
 */

/** What keeping metrics needs. */
export interface MetricRollupsOptions {
  readonly warehouse: Warehouse;
  readonly tables: DerivedTables;
  /** The metrics of all projects that are not being removed. */
  readonly metrics: () => Promise<readonly SavedMetric[]>;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Metrics that are kept at a time, of all projects; default 20. */
  readonly max?: number;
}

/** What is kept of a metric, and what that costs. */
export interface RollupState {
  readonly state: 'none' | 'filling' | 'ready';
  /** Why nothing is kept, or null. */
  readonly reason: string | null;
  readonly rows: number;
  readonly bytes: number;
  /** Part of the loaded records that is in it, 0 to 1. */
  readonly filled: number;
  /** Spent by this process on filling it. */
  readonly seconds: number;
  readonly lastUsedMs: number | null;
}

const KEPT_MAX = 20;
const SYNC_EVERY_MS = 30_000;
const HOUR_MS = 3_600_000;
/** `auto`: worth it are metrics that were asked so often within a day, and made so many rows be read. */
const ASKED_MIN = 5;
const ROWS_READ_MIN = 20_000_000;
const DAY_MS = 24 * HOUR_MS;
/** `auto`: what nobody asked for so long is dropped. */
const IDLE_MS = 7 * DAY_MS;
/** A step groups in memory. */
const STEP_ROWS_MAX = 500_000;
const REST = { calm: 1, busy: 9 } as const;
const TAIL_ROWS = 50_000;
/** Metrics whose use is remembered. */
const USES_MAX = 10_000;

const FAILED = defineEvent<{ error: unknown }>({
  name: 'metric_rollups_failed',
  level: 'warn',
  message: ({ error }) =>
    `Making or dropping tables of metrics failed and will be tried again: ${error instanceof Error ? error.message : String(error)}`,
  metrics: [
    {
      kind: 'counter',
      name: 'aevum_metric_rollups_failures_total',
      help: 'Times that making or dropping tables of metrics failed.',
    },
  ],
});

const KEPT = defineEvent<{ tables: number }>({
  name: 'metric_rollups_kept',
  level: 'debug',
  metrics: [
    {
      kind: 'gauge',
      name: 'aevum_metric_rollups',
      help: 'Metrics that are kept ready in tables of their own.',
      value: ({ tables }) => tables,
    },
  ],
});

interface Kept {
  readonly layout: KeptLayout;
  readonly derived: Derived;
}

/** How a metric was used of late. */
interface Use {
  /** Since when it is counted. */
  sinceMs: number;
  asked: number;
  rowsRead: number;
  lastMs: number;
}

/** The metrics that are kept. Get one by `openMetricRollups`. */
export class MetricRollups implements KeptMetrics {
  readonly #options: MetricRollupsOptions;
  readonly #duties = new Duties();
  /** By table. */
  readonly #kept = new Map<string, Kept>();
  /** By id, those used last at the end. */
  readonly #uses = new Map<string, Use>();
  readonly #startedMs: number;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: MetricRollupsOptions) {
    this.#options = options;
    this.#startedMs = options.clock.nowMs();
  }

  /** Makes and drops tables until closed. */
  start(): void {
    this.#duties.every(
      SYNC_EVERY_MS,
      () => this.sync(),
      (error) => this.#options.telemetry.emit(FAILED, { error }),
      0,
    );
  }

  /** Metrics were saved or removed: does not wait for the next look. */
  changed(): void {
    void this.sync().catch((error: unknown) => this.#options.telemetry.emit(FAILED, { error }));
  }

  async close(): Promise<void> {
    await this.#duties.stop();
    await this.#last.catch(() => undefined);
  }

  of(metric: SavedMetric): KeptSource | undefined {
    const layout = keptLayout(metric);
    const kept = typeof layout === 'string' ? undefined : this.#kept.get(layout.table);
    return kept === undefined || !this.#options.tables.all.includes(kept.derived)
      ? undefined
      : { layout: kept.layout, table: kept.derived };
  }

  asked({ id }: SavedMetric, rowsRead: number): void {
    const nowMs = this.#options.clock.nowMs();
    const known = this.#uses.get(id);
    const use =
      known === undefined || nowMs - known.sinceMs > DAY_MS
        ? { sinceMs: nowMs, asked: 0, rowsRead: 0, lastMs: nowMs }
        : known;
    use.asked += 1;
    use.rowsRead += rowsRead;
    use.lastMs = nowMs;
    this.#uses.delete(id);
    this.#uses.set(id, use);
    const [oldest] = this.#uses.keys();
    if (this.#uses.size > USES_MAX && oldest !== undefined) this.#uses.delete(oldest);
  }

  /** Makes the tables that are missing and drops those that are too many. */
  sync(): Promise<void> {
    const run = this.#last.then(() => this.#sync());
    this.#last = run.catch(() => undefined);
    return run;
  }

  /** What is kept of metrics, by their ids. */
  async states(metrics: readonly SavedMetric[]): Promise<ReadonlyMap<string, RollupState>> {
    const sizes = await this.#sizes();
    return new Map(metrics.map((metric) => [metric.id, this.#stateOf(metric, sizes)]));
  }

  async #sync(): Promise<void> {
    const there = new Set((await this.#sizes()).keys());
    const wanted = this.#wanted(await this.#options.metrics(), there);
    for (const table of new Set([...there, ...this.#kept.keys()])) {
      if (wanted.has(table)) continue;
      this.#kept.delete(table);
      this.#options.tables.drop(table);
    }
    for (const [table, layout] of wanted) {
      const isFilled = this.#options.tables.all.some(({ definition }) => definition.table === table);
      if (isFilled) continue;
      await this.#make(layout);
      // The next look makes it anew.
      if (this.#options.tables.isDropping(table)) continue;
      this.#kept.set(table, { layout, derived: this.#options.tables.add(definitionOf(layout)) });
    }
    this.#options.telemetry.emit(KEPT, { tables: this.#kept.size });
  }

  /** Those of `always` first, of these and of others those that are there, then those that most rows were read for: what is there is not made anew in turns with another. */
  #wanted(metrics: readonly SavedMetric[], there: ReadonlySet<string>): Map<string, KeptLayout> {
    const candidates = metrics.flatMap((metric) => {
      const layout = metric.definition.rollup === 'never' ? undefined : keptLayout(metric);
      if (layout === undefined || typeof layout === 'string') return [];
      const isAlways = metric.definition.rollup === 'always';
      const isThere = there.has(layout.table);
      if (!isAlways && !(isThere ? this.#isUsed(metric.id) : this.#isWorthIt(metric.id))) return [];
      const rank = (isAlways ? 2 : 0) + (isThere ? 1 : 0);
      return [{ layout, rank, rowsRead: this.#uses.get(metric.id)?.rowsRead ?? 0 }];
    });
    candidates.sort((a, b) => b.rank - a.rank || b.rowsRead - a.rowsRead);
    const kept = candidates.slice(0, this.#options.max ?? KEPT_MAX);
    return new Map(kept.map(({ layout }) => [layout.table, layout]));
  }

  #isWorthIt(id: string): boolean {
    const use = this.#uses.get(id);
    return use !== undefined && use.asked >= ASKED_MIN && use.rowsRead >= ROWS_READ_MIN;
  }

  #isUsed(id: string): boolean {
    const lastMs = this.#uses.get(id)?.lastMs ?? this.#startedMs;
    return this.#options.clock.nowMs() - lastMs < IDLE_MS;
  }

  /** Columns have the types that the engine gives them. */
  async #make(layout: KeptLayout): Promise<void> {
    const { text, params } = keptShape(layout);
    const { rows } = await this.#options.warehouse.query<{ name: string; type: string }>(
      `DESCRIBE TABLE (${text})`,
      { ...params },
      { class: 'control' },
    );
    const columns = rows.map(({ name, type }) => `${quoteIdentifier(name)} ${storedType(name, type)}`);
    const keys = rows.map(({ name }) => name).filter((name) => KEY.test(name));
    await this.#options.warehouse.command(
      `CREATE TABLE IF NOT EXISTS ${quoteIdentifier(layout.table)} (${columns.join(', ')}) ENGINE = AggregatingMergeTree ORDER BY (${keys.join(', ')}) SETTINGS ${DURABLE}`,
    );
  }

  async #sizes(): Promise<ReadonlyMap<string, { readonly rows: number; readonly bytes: number }>> {
    const { rows } = await this.#options.warehouse.query<{
      table: string;
      n: number | string;
      bytes: number | string;
    }>(
      `SELECT name AS table, ifNull(total_rows, 0) AS n, ifNull(total_bytes, 0) AS bytes FROM system.tables
       WHERE database = currentDatabase() AND startsWith(name, {prefix:String})`,
      { prefix: KEPT_PREFIX },
      { class: 'control' },
    );
    return new Map(rows.map(({ table, n, bytes }) => [table, { rows: Number(n), bytes: Number(bytes) }]));
  }

  #stateOf(
    metric: SavedMetric,
    sizes: ReadonlyMap<string, { readonly rows: number; readonly bytes: number }>,
  ): RollupState {
    const layout = keptLayout(metric);
    const kept = this.of(metric);
    const lastUsedMs = this.#uses.get(metric.id)?.lastMs ?? null;
    if (typeof layout === 'string' || kept === undefined) {
      const nothing = { rows: 0, bytes: 0, filled: 0, seconds: 0, lastUsedMs };
      return { state: 'none', reason: this.#whyNot(metric, layout), ...nothing };
    }
    const { derived } = this.#kept.get(layout.table) ?? {};
    const covered = kept.table.covered();
    const records = covered + (derived?.behind() ?? 0);
    return {
      state: kept.table.isCurrent ? 'ready' : 'filling',
      reason: null,
      ...(sizes.get(layout.table) ?? { rows: 0, bytes: 0 }),
      filled: records === 0 ? 1 : covered / records,
      seconds: derived?.cost.seconds ?? 0,
      lastUsedMs,
    };
  }

  #whyNot({ definition: { rollup } }: SavedMetric, layout: KeptLayout | string): string {
    if (rollup === 'never') return 'It shall not be kept.';
    if (typeof layout === 'string') return layout;
    if (rollup === 'always')
      return this.#kept.size >= (this.#options.max ?? KEPT_MAX)
        ? `${this.#kept.size} metrics are kept already; no more are. Have another one kept "never".`
        : 'Its table is about to be made.';
    return `It is kept once it was asked ${ASKED_MIN} times within a day and ${ROWS_READ_MIN.toLocaleString('en')} rows were read for it.`;
  }
}

/** Columns of the sort key. */
const KEY = /^(?:pane|currency|d\d+)$/u;

const storedType = (name: string, type: string): string => {
  if (name === 'position') return `SimpleAggregateFunction(max, ${type}) CODEC(Delta, ZSTD(1))`;
  if (name === 'pane') return `${type} CODEC(Delta, ZSTD(1))`;
  if (/^n\d+$/u.test(name)) return `SimpleAggregateFunction(sum, ${type})`;
  return name === 'currency' ? 'LowCardinality(String)' : type;
};

const definitionOf = (layout: KeptLayout) => {
  const { text, params } = keptInsert(layout);
  return {
    ...{ table: layout.table, label: 'metric', project: layout.project },
    where: 'project = {project:String}',
    params: { ...params, project: layout.project },
    insert: `${quoteIdentifier(layout.table)} ${text}`,
    ...{ marksSteps: true, stepRowsMax: STEP_ROWS_MAX, rest: REST, tailRows: TAIL_ROWS },
  };
};

/** Keeps metrics until closed. */
export const openMetricRollups = (options: MetricRollupsOptions): MetricRollups => {
  const rollups = new MetricRollups(options);
  rollups.start();
  return rollups;
};
