import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClickHouseSettings } from '@clickhouse/client';
import { busyMeter } from '../lib/busy-meter.ts';
import type { Clock } from '../lib/clock.ts';
import { defineEvent, type Telemetry } from '../lib/telemetry.ts';
import type { QueryParameters, Warehouse } from './client.ts';
import { WEB_TABLES } from './web-tables.ts';

/**
 * Keeps the sessions of web analytics as rows, in the background: those that began long enough ago, and anew those that a later event belongs to. Everything is put in under a generation of its own and counts with its mark, the last row
 * that is put in: so whatever fails or is killed before it leaves nothing that counts. Two marks cannot follow the same one: they have the same token. Why so: `docs/decisions/024-settled-sessions.md`.
 */

interface StatementText {
  readonly text: string;
  readonly params: QueryParameters;
}

/** Up to where sessions have rows. */
interface Mark {
  readonly generation: string;
  readonly position: number;
  readonly settledMs: number;
}

interface Advance {
  readonly from: Mark;
  readonly to: Mark;
}

/** The statements, as `query/web-fill.ts` writes them. */
export interface WebFilling {
  mark(): StatementText;
  foreign(): StatementText;
  first(position: number): StatementText;
  ahead(fromMs: number, position: number): StatementText;
  late(advance: Advance): StatementText;
  hours(advance: Advance): StatementText;
  steps(
    advance: Advance,
    intervals: readonly { readonly fromMs: number; readonly toMs: number }[],
  ): readonly StatementText[];
  intervals(hours: readonly number[]): readonly { readonly fromMs: number; readonly toMs: number }[];
  commit(advance: Advance): StatementText;
  staleDays(mark: Mark, quietSince: string): StatementText;
  pane(day: number, base: string, generation: string): readonly StatementText[];
  outdated(before: string): StatementText;
}

/** What filling needs. */
export interface WebSessionsOptions {
  readonly warehouse: Warehouse;
  readonly filling: WebFilling;
  /** Governed records before this are queryable. */
  readonly loaded: () => number;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Runs work while no project is being removed. */
  readonly exclusive: <T>(work: () => Promise<T>) => Promise<T>;
  /** Events that are put together at once; default half a million. */
  readonly stepEventsMax?: number;
  /** Pause between looks when everything is done, milliseconds; default a minute. */
  readonly everyMs?: number;
}

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** A session that had no event for so long has ended, as far as anybody knows: what comes after all is put in anew. */
const SETTLED_AFTER_MS = 30 * MINUTE_MS;
const GRAIN_MS = 5 * MINUTE_MS;
const STEP_EVENTS_MAX = 500_000;
const EVERY_MS = MINUTE_MS;
const RETRY_MS = 10_000;
const STEP_TIMEOUT_MS = 600_000;
/** A day that was counted is counted again once nothing of it has changed for so long. */
const QUIET_MS = HOUR_MS;
/** So many times as long as it worked it rests, but no longer than a minute. */
const REST = { calm: 1, busy: 9 } as const;
const REST_MS_MAX = 60_000;

const BEHIND = defineEvent<{ seconds: number }>({
  name: 'web_sessions_behind',
  level: 'debug',
  metrics: [
    {
      kind: 'gauge',
      name: 'aevum_web_sessions_behind_seconds',
      help: 'How long ago sessions began that have no rows of their own yet. Web analytics put those together from events, more slowly.',
      value: ({ seconds }) => seconds,
    },
  ],
});

const STEPPED = defineEvent<{ elapsedMs: number; what: string }>({
  name: 'web_sessions_stepped',
  level: 'debug',
  metrics: [
    {
      kind: 'histogram',
      name: 'aevum_web_sessions_step_seconds',
      help: 'Duration of steps that keep sessions for web analytics, by what they did.',
      value: ({ elapsedMs }) => elapsedMs / 1_000,
      labels: ({ what }) => ({ what }),
    },
  ],
});

const FAILED = defineEvent<{ error: unknown }>({
  name: 'web_sessions_failed',
  level: 'warn',
  message: ({ error }) =>
    `Keeping sessions for web analytics failed and will be tried again: ${error instanceof Error ? error.message : String(error)}`,
  metrics: [
    {
      kind: 'counter',
      name: 'aevum_web_sessions_failures_total',
      help: 'Steps of keeping sessions for web analytics that failed.',
    },
  ],
});

/** One block, so that the mark and what goes with it are there together or not at all. */
const COMMIT_SETTINGS: ClickHouseSettings = {
  max_threads: 1,
  max_insert_threads: '1',
  max_block_size: '16777216',
  max_insert_block_size: '16777216',
  min_insert_block_size_rows: '16777216',
  min_insert_block_size_bytes: '0',
  async_insert: 0,
  insert_deduplicate: 1,
  deduplicate_insert_select: 'enable_even_for_bad_queries',
};

/** What one step did: nothing if there was nothing to do. */
type Done = 'advanced' | 'counted' | 'removed' | 'nothing';

/** Fills the tables. Get one by `openWebSessions`. */
export class WebSessions {
  readonly #options: WebSessionsOptions;
  readonly #closing = new AbortController();
  #running: Promise<void> | undefined;
  #isChecked = false;
  #eventsMax: number;
  /** Without a mark of its own: there was nothing up to there. */
  #emptyUntilMs = Number.NEGATIVE_INFINITY;

  constructor(options: WebSessionsOptions) {
    this.#options = options;
    this.#eventsMax = options.stepEventsMax ?? STEP_EVENTS_MAX;
  }

  /** Begins to fill. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** Ends the step under way. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
  }

  /** Takes steps, without rests, until there is nothing to do. Throws WarehouseError. */
  async catchUp(): Promise<void> {
    while (!this.#closing.signal.aborted && (await this.step()) !== 'nothing');
  }

  /** Takes one step. Throws WarehouseError. */
  step(): Promise<Done> {
    return this.#options.exclusive(async () => {
      const startedMs = performance.now();
      const what = await this.#step();
      if (what !== 'nothing')
        this.#options.telemetry.emit(STEPPED, { what, elapsedMs: performance.now() - startedMs });
      return what;
    });
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    const { telemetry, everyMs = EVERY_MS } = this.#options;
    const isBusy = busyMeter();
    while (!signal.aborted) {
      const startedMs = performance.now();
      let restMs = everyMs;
      try {
        const done = await this.step();
        const times = isBusy() ? REST.busy : REST.calm;
        if (done !== 'nothing') restMs = Math.min((performance.now() - startedMs) * times, REST_MS_MAX);
      } catch (error) {
        if (signal.aborted) return;
        telemetry.emit(FAILED, { error });
        restMs = RETRY_MS;
      }
      await sleep(restMs, undefined, { signal }).catch(() => undefined);
    }
  }

  async #step(): Promise<Done> {
    await this.#check();
    const mark = await this.#mark();
    const advance = await this.#next(mark);
    if (advance !== undefined) {
      await this.#advance(advance);
      return 'advanced';
    }
    if (mark === undefined) return 'nothing';
    if (await this.#countDay(mark)) return 'counted';
    return (await this.#removeOutdated()) ? 'removed' : 'nothing';
  }

  /** What was made by other rules is removed, marks first. */
  async #check(): Promise<void> {
    if (this.#isChecked) return;
    const [row] = await this.#read<{ n: number | string }>(this.#options.filling.foreign());
    if (Number(row?.n ?? 0) > 0)
      for (const table of WEB_TABLES) await this.#options.warehouse.command(`TRUNCATE TABLE ${table}`);
    this.#isChecked = true;
  }

  async #mark(): Promise<Mark | undefined> {
    const [row] = await this.#read<Record<'position' | 'settled', number | string> & { generation: string }>(
      this.#options.filling.mark(),
    );
    if (row === undefined) return undefined;
    return { generation: row.generation, position: Number(row.position), settledMs: Number(row.settled) };
  }

  /** How far to go now; undefined: nowhere. */
  async #next(last: Mark | undefined): Promise<Advance | undefined> {
    const { clock, filling, loaded, telemetry } = this.#options;
    const position = loaded();
    const from = last ?? (await this.#beginning(position));
    if (from === undefined) return undefined;
    const nowMs = clock.nowMs();
    const limitMs = Math.floor((nowMs - SETTLED_AFTER_MS) / GRAIN_MS) * GRAIN_MS;
    const fromMs = Math.max(from.settledMs, this.#emptyUntilMs);
    telemetry.emit(BEHIND, { seconds: Math.max(0, nowMs - fromMs) / 1_000 });
    if (position <= from.position && limitMs <= fromMs) return undefined;
    const generation = this.#generation(from.generation);
    const to = { generation, position, settledMs: from.settledMs };
    const late = await this.#late({ from, to });
    if (late > this.#eventsMax)
      return { from, to: { ...to, position: await this.#positionFor(from, position) } };
    if (limitMs <= from.settledMs) return late > 0 ? { from, to } : undefined;
    const ahead = await this.#read<{ hour: number | string; n: number | string }>(
      filling.ahead(from.settledMs, position),
    );
    const { settledMs, events } = this.#reach(from, limitMs, ahead);
    if (events + late > 0) return { from, to: { ...to, settledMs } };
    this.#emptyUntilMs = limitMs;
    return undefined;
  }

  /** Where to begin: at the first event. */
  async #beginning(position: number): Promise<Mark | undefined> {
    const [row] = await this.#read<{ hour: number | string; n: number | string }>(
      this.#options.filling.first(position),
    );
    if (row === undefined || Number(row.n) === 0) return undefined;
    return { generation: '', position, settledMs: Number(row.hour) * HOUR_MS };
  }

  async #late(advance: Advance): Promise<number> {
    if (advance.to.position <= advance.from.position) return 0;
    const [row] = await this.#read<{ n: number | string }>(this.#options.filling.late(advance));
    return Number(row?.n ?? 0);
  }

  /** Up to which position there are not too many late events. */
  async #positionFor(from: Mark, loaded: number): Promise<number> {
    let [low, high] = [from.position + 1, loaded];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      const late = await this.#late({ from, to: { ...from, position: middle } });
      if (late > this.#eventsMax) high = middle - 1;
      else low = middle;
    }
    return low;
  }

  /** Up to which instant there are not too many events, whole hours at a time; and how many there are. */
  #reach(
    { settledMs }: Mark,
    limitMs: number,
    ahead: readonly { hour: number | string; n: number | string }[],
  ): { settledMs: number; events: number } {
    let events = 0;
    for (const { hour, n } of ahead) {
      const startMs = Number(hour) * HOUR_MS;
      if (startMs >= limitMs) return { settledMs: limitMs, events };
      if (events > 0 && events + Number(n) > this.#eventsMax)
        return { settledMs: Math.max(startMs, settledMs), events };
      events += Number(n);
    }
    return { settledMs: limitMs, events };
  }

  async #advance(advance: Advance): Promise<void> {
    const { filling } = this.#options;
    const eventsMax = this.#eventsMax;
    // It may be too much for the engine's memory, so the one after a step that fails goes less far.
    this.#eventsMax = Math.max(1_000, Math.floor(eventsMax / 2));
    const hours = await this.#read<{ hour: number | string }>(filling.hours(advance));
    for (const statement of filling.steps(advance, filling.intervals(hours.map(({ hour }) => Number(hour)))))
      await this.#command(statement);
    await this.#command(filling.commit(advance), {
      ...COMMIT_SETTINGS,
      insert_deduplication_token: `web-${advance.from.generation}`,
    });
    this.#eventsMax = Math.min(eventsMax * 2, this.#options.stepEventsMax ?? STEP_EVENTS_MAX);
  }

  /** Counts the entries of a day, if there is one to be counted. */
  async #countDay(mark: Mark): Promise<boolean> {
    const { filling, clock } = this.#options;
    const quietSince = textOf(clock.nowMs() - QUIET_MS);
    const [row] = await this.#read<{ day: number }>(filling.staleDays(mark, quietSince));
    if (row === undefined) return false;
    const generation = this.#generation(mark.generation);
    for (const statement of filling.pane(row.day, mark.generation, generation))
      await this.#command(statement);
    return true;
  }

  /** Deletes what was counted before of days that were counted again, once no question reads it any more. */
  async #removeOutdated(): Promise<boolean> {
    const { filling, clock, warehouse } = this.#options;
    const rows = await this.#read<{ day: number; generation: string }>(
      filling.outdated(textOf(clock.nowMs() - QUIET_MS)),
    );
    if (rows.length === 0) return false;
    const params = {
      days: [...new Set(rows.map(({ day }) => day))],
      generations: [...new Set(rows.map(({ generation }) => generation))],
    };
    // The steps first: what they do not name is not read.
    for (const table of ['web_steps', 'web_days'])
      await warehouse.command(
        `DELETE FROM ${table} WHERE has({days:Array(Int32)}, day) AND has({generations:Array(String)}, toString(generation))${table === 'web_steps' ? " AND kind = 'pane'" : ''}`,
        params,
        { signal: this.#closing.signal },
      );
    return true;
  }

  /** A generation behind another, and like no other: what a step that failed left must not count later. */
  #generation(last: string): string {
    const ms = Math.max(this.#options.clock.nowMs(), Number(last.slice(0, MS_DIGITS)) + 1);
    return `${textOf(ms)}-${randomBytes(6).toString('hex')}`;
  }

  async #read<Row>({ text, params }: StatementText): Promise<Row[]> {
    const { signal } = this.#closing;
    const { rows } = await this.#options.warehouse.query<Row>(
      text,
      { ...params },
      { class: 'control', signal },
    );
    return rows;
  }

  async #command({ text, params }: StatementText, settings: ClickHouseSettings = {}): Promise<void> {
    const { signal } = this.#closing;
    await this.#options.warehouse.command(
      text,
      { ...params },
      { signal, timeoutMs: STEP_TIMEOUT_MS, settings: { insert_deduplicate: 0, ...settings } },
    );
  }
}

const MS_DIGITS = 15;
/** An instant as texts of generations begin: they are in order as texts. */
const textOf = (ms: number): string => String(Math.max(0, ms)).padStart(MS_DIGITS, '0');

/** Fills the tables until it is closed. */
export const openWebSessions = (options: WebSessionsOptions): WebSessions => {
  const sessions = new WebSessions(options);
  sessions.start();
  return sessions;
};
