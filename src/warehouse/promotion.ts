import type { PropertiesAnswer, Property } from '../contract/properties.ts';
import { ApiError } from '../event/errors.ts';
import type { Clock } from '../lib/clock.ts';
import { Duties } from '../lib/duties.ts';
import { defineEvent, type Telemetry } from '../lib/telemetry.ts';
import type { Warehouse } from './client.ts';
import { columnDefinition, columnNameOf, type ColumnMemo, memoText, parseMemo } from './property-columns.ts';

/**
 * Promotion of properties: keys that queries ask for get a column of their own, which makes such queries ten to a hundred times faster and loading a little slower.
 *
 * States of a key and their exits:
 * - none -> building: asked for often enough while the budget lasts, or by hand.
 * - building -> ready: the engine has filled the column for all rows; -> failed: it says that it cannot; queries read the JSON meanwhile.
 * - ready, failed -> none: by hand, or because the budget is used up, another key is asked for and this one was not for long. The column is not used from that moment, and
 *   dropped once no query can be using it any more.
 */

/** What promotions need. */
export interface PromotionsOptions {
  readonly warehouse: Warehouse;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Columns that may exist; 0 turns automatic promotion off. */
  readonly budget: number;
  /** Enters what is done without anybody asking, before it is done. */
  readonly enter?: (action: 'property.promoted' | 'property.demoted', key: string) => Promise<void>;
  /** Queries that must ask for a key before it is promoted; default 3. */
  readonly askedMin?: number;
  /** Pause between looks, milliseconds; default 1 s. */
  readonly everyMs?: number;
  /** How long a demoted column is kept for queries under way, milliseconds; default 60 s. */
  readonly retiredMs?: number;
}

const ASKED_MIN = 3;
const EVERY_MS = 1_000;
const RETIRED_MS = 60_000;
/** A promoted key that nobody asked for this long gives way to another. */
const IDLE_MS = 7 * 24 * 3_600_000;
/** Pairs of key and project whose use is counted. Further keys are not promoted by themselves until the server starts anew. */
const COUNTED_MAX = 10_000;
/** Keys that were not promoted and are listed. */
const LISTED_MAX = 100;
const KEY_CHARS_MAX = 256;

const PROMOTED = defineEvent<{ key: string; by: 'use' | 'hand' }>({
  name: 'property_promoted',
  level: 'info',
  message: ({ key, by }) => `The property "${key}" gets a column of its own, promoted by ${by}.`,
  metrics: [
    {
      kind: 'counter',
      name: 'aevum_properties_promoted_total',
      help: 'Properties that got a column of their own.',
    },
  ],
});

const DEMOTED = defineEvent<{ key: string }>({
  name: 'property_demoted',
  level: 'info',
  message: ({ key }) => `The property "${key}" has no column of its own any more.`,
  metrics: [
    { kind: 'counter', name: 'aevum_properties_demoted_total', help: 'Properties that lost their column.' },
  ],
});

const TROUBLE = defineEvent<{ error: unknown }>({
  name: 'property_promotion_failed',
  level: 'warn',
  message: ({ error }) =>
    `Promoting properties failed and will be tried again: ${error instanceof Error ? error.message : String(error)}`,
});

/** How often a key was asked for since the start, by whom, and when last. */
interface Use {
  asked: number;
  lastMs: number;
  readonly byProject: Map<string, number>;
}

/** A promoted key. */
interface Promoted {
  memo: ColumnMemo;
  /** Why the engine cannot fill the column. */
  error: string | null;
  retiredAtMs: number;
}

interface MutationRow {
  readonly is_done: number;
  readonly latest_fail_reason: string;
}

/** Promoted properties. Get one by `openPromotions`. */
export class Promotions {
  readonly #options: PromotionsOptions;
  readonly #promoted = new Map<string, Promoted>();
  readonly #uses = new Map<string, Use>();
  #counted = 0;
  readonly #duties = new Duties();
  readonly #startedMs: number;
  /** Changes happen one at a time: by hand and in the background alike. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: PromotionsOptions) {
    this.#options = options;
    this.#startedMs = options.clock.nowMs();
  }

  /** The column that holds the text of the key, or undefined while there is none that is complete. */
  columnOf(key: string): string | undefined {
    const promoted = this.#promoted.get(key);
    return promoted?.memo.built === true && !promoted.memo.retired ? columnNameOf(key) : undefined;
  }

  /** Says that a query of a project uses the keys. */
  asked(project: string, keys: readonly string[]): void {
    for (const key of keys) {
      const use = this.#useOf(key);
      if (use === undefined) continue;
      use.asked += 1;
      use.lastMs = this.#options.clock.nowMs();
      const before = use.byProject.get(project);
      if (before === undefined && this.#counted >= COUNTED_MAX) continue;
      if (before === undefined) this.#counted += 1;
      use.byProject.set(project, (before ?? 0) + 1);
    }
  }

  #useOf(key: string): Use | undefined {
    const known = this.#uses.get(key);
    if (known !== undefined || this.#counted >= COUNTED_MAX || key.length > KEY_CHARS_MAX) return known;
    const use: Use = { asked: 0, lastMs: 0, byProject: new Map() };
    this.#uses.set(key, use);
    return use;
  }

  /** Promoted keys first, then those that queries ask for most: what a project asked for, and `withColumns` whatever has a column. `withNumbers`: what that costs all projects together. */
  async list(
    project: string,
    { withColumns, withNumbers }: { readonly withColumns: boolean; readonly withNumbers: boolean },
  ): Promise<PropertiesAnswer> {
    const bytes = withNumbers ? await this.#columnBytes() : null;
    const live = this.#live().map(([key]) => key);
    const isAsked = (key: string): boolean => this.#askedOf(key, project) > 0;
    const promoted = live.filter((key) => withColumns || isAsked(key));
    const others = [...this.#uses.keys()].filter((key) => isAsked(key) && !live.includes(key));
    const byUse = (a: string, b: string): number => this.#askedOf(b, project) - this.#askedOf(a, project);
    const keys = [...promoted.sort(byUse), ...others.sort(byUse).slice(0, LISTED_MAX)];
    return {
      budget: { promoted: withNumbers ? live.length : null, max: this.#options.budget },
      properties: keys.map((key) => this.#describe(key, bytes, this.#askedOf(key, project))),
    };
  }

  /** Gives the key a column, for good. Throws ApiError `conflict` when the budget is used up by keys that were promoted by hand. */
  promote(key: string): Promise<Property> {
    return this.#alone(async () => {
      const known = this.#promoted.get(key);
      if (known !== undefined) await this.#remember(known, { pinned: true, retired: false });
      else {
        if (!(await this.#makeRoom((memo) => !memo.pinned)))
          throw new ApiError('conflict', this.#budgetMessage());
        await this.#add(key, 'hand');
      }
      return this.#describe(key, await this.#columnBytes());
    });
  }

  /** Takes the column from the key. Throws ApiError `not_found` when it has none. */
  demote(key: string): Promise<Property> {
    return this.#alone(async () => {
      const known = this.#promoted.get(key);
      if (known === undefined || known.memo.retired)
        throw new ApiError('not_found', `The property "${key}" has no column of its own.`);
      await this.#retire(known);
      // By hand means against what use says: it has to be asked for anew.
      this.#counted -= this.#uses.get(key)?.byProject.size ?? 0;
      this.#uses.delete(key);
      return this.#describe(key, new Map());
    });
  }

  /** Reads what is promoted and begins to look after it. */
  async start(): Promise<void> {
    const { rows } = await this.#options.warehouse.query<{ comment: string }>(
      "SELECT comment FROM system.columns WHERE database = currentDatabase() AND table = 'events' AND default_kind = 'MATERIALIZED'",
      {},
      { class: 'control' },
    );
    for (const { comment } of rows) {
      const memo = parseMemo(comment);
      if (memo !== undefined) this.#promoted.set(memo.key, { memo, error: null, retiredAtMs: 0 });
    }
    const onError = (error: unknown): void => this.#options.telemetry.emit(TROUBLE, { error });
    this.#duties.every(this.#options.everyMs ?? EVERY_MS, () => this.#alone(() => this.#look()), onError);
  }

  /** Stops looking after promotions; what the engine is building, it goes on building. */
  close(): Promise<void> {
    return this.#duties.stop();
  }

  async #look(): Promise<void> {
    for (const promoted of this.#promoted.values()) {
      if (promoted.memo.retired) await this.#dropWhenUnused(promoted);
      else if (!promoted.memo.built) await this.#followBuilding(promoted);
    }
    const next = this.#mostAsked();
    if (next !== undefined && (await this.#makeRoom((memo) => this.#isIdle(memo))))
      await this.#add(next, 'use');
  }

  #mostAsked(): string | undefined {
    const askedMin = this.#options.askedMin ?? ASKED_MIN;
    if (this.#options.budget === 0) return undefined;
    let best: string | undefined;
    for (const [key, { asked }] of this.#uses)
      if (asked >= askedMin && !this.#promoted.has(key) && asked > this.#askedOf(best)) best = key;
    return best;
  }

  /** True if one more column may be made; retires one that `mayGo` if need be. */
  async #makeRoom(mayGo: (memo: ColumnMemo) => boolean): Promise<boolean> {
    const live = this.#live();
    if (live.length < this.#options.budget) return true;
    const least = live
      .filter(([, { memo }]) => mayGo(memo))
      .sort(([a], [b]) => this.#askedOf(a) - this.#askedOf(b))[0];
    if (least === undefined) return false;
    await this.#options.enter?.('property.demoted', least[0]);
    await this.#retire(least[1]);
    return true;
  }

  #isIdle({ key, pinned }: ColumnMemo): boolean {
    const sinceMs = this.#uses.get(key)?.lastMs ?? this.#startedMs;
    return !pinned && this.#options.clock.nowMs() - sinceMs > IDLE_MS;
  }

  async #add(key: string, by: 'use' | 'hand'): Promise<void> {
    if (by === 'use') await this.#options.enter?.('property.promoted', key);
    const promotedAtMs = this.#options.clock.nowMs();
    const memo: ColumnMemo = { key, pinned: by === 'hand', promotedAtMs, built: false, retired: false };
    await this.#options.warehouse.command(
      `ALTER TABLE events ADD COLUMN IF NOT EXISTS ${columnDefinition(key)}`,
    );
    const promoted: Promoted = { memo, error: null, retiredAtMs: 0 };
    await this.#remember(promoted, {});
    this.#promoted.set(key, promoted);
    this.#options.telemetry.emit(PROMOTED, { key, by });
    await this.#build(key);
  }

  /** Has the engine fill the column for rows that are there, in the background. */
  async #build(key: string): Promise<void> {
    await this.#options.warehouse.command(
      `ALTER TABLE events MATERIALIZE COLUMN ${columnNameOf(key)}`,
      {},
      { settings: { mutations_sync: '0' } },
    );
  }

  async #followBuilding(promoted: Promoted): Promise<void> {
    const { key } = promoted.memo;
    const { rows } = await this.#options.warehouse.query<MutationRow>(
      "SELECT is_done, latest_fail_reason FROM system.mutations WHERE database = currentDatabase() AND table = 'events' AND NOT is_killed AND position(command, {column:String}) > 0 AND position(command, 'MATERIALIZE COLUMN') > 0 ORDER BY create_time DESC, mutation_id DESC LIMIT 1",
      { column: columnNameOf(key) },
      { class: 'control' },
    );
    const mutation = rows[0];
    if (mutation === undefined) return this.#build(key);
    promoted.error = mutation.latest_fail_reason === '' ? null : mutation.latest_fail_reason;
    if (mutation.is_done === 1) await this.#remember(promoted, { built: true });
  }

  async #retire(promoted: Promoted): Promise<void> {
    await this.#remember(promoted, { retired: true });
    promoted.retiredAtMs = this.#options.clock.monotonicMs();
    this.#options.telemetry.emit(DEMOTED, { key: promoted.memo.key });
  }

  /** After a start `retiredAtMs` is 0: no query of before is left. */
  async #dropWhenUnused(promoted: Promoted): Promise<void> {
    const keptMs = this.#options.clock.monotonicMs() - promoted.retiredAtMs;
    if (promoted.retiredAtMs > 0 && keptMs < (this.#options.retiredMs ?? RETIRED_MS)) return;
    const { key } = promoted.memo;
    await this.#options.warehouse.command(
      `ALTER TABLE events DROP COLUMN IF EXISTS ${columnNameOf(key)}`,
      {},
      { settings: { mutations_sync: '0' } },
    );
    this.#promoted.delete(key);
  }

  /** Writes a decision down in the table, then believes it. */
  async #remember(promoted: Promoted, change: Partial<ColumnMemo>): Promise<void> {
    const memo = { ...promoted.memo, ...change };
    await this.#options.warehouse.command(
      `ALTER TABLE events COMMENT COLUMN ${columnNameOf(memo.key)} {memo:String}`,
      { memo: memoText(memo) },
    );
    promoted.memo = memo;
  }

  async #columnBytes(): Promise<ReadonlyMap<string, number>> {
    const { rows } = await this.#options.warehouse.query<{ name: string; bytes: number }>(
      "SELECT name, data_compressed_bytes + marks_bytes AS bytes FROM system.columns WHERE database = currentDatabase() AND table = 'events'",
      {},
      { class: 'control' },
    );
    return new Map(rows.map(({ name, bytes }) => [name, bytes]));
  }

  #describe(key: string, bytes: ReadonlyMap<string, number> | null, asked = this.#askedOf(key)): Property {
    const promoted = this.#promoted.get(key);
    const live = promoted?.memo.retired === false ? promoted : undefined;
    return {
      key,
      asked,
      promotion: live === undefined ? 'none' : stateOf(live),
      promoted_at: live === undefined ? null : new Date(live.memo.promotedAtMs).toISOString(),
      pinned: live?.memo.pinned ?? false,
      bytes: bytes === null ? null : live === undefined ? 0 : (bytes.get(columnNameOf(key)) ?? 0),
      error: live?.error ?? null,
    };
  }

  /** Queries that asked for a key, of a project or of all. */
  #askedOf(key: string | undefined, project?: string): number {
    const use = key === undefined ? undefined : this.#uses.get(key);
    return (project === undefined ? use?.asked : use?.byProject.get(project)) ?? 0;
  }

  #live(): [string, Promoted][] {
    return [...this.#promoted].filter(([, { memo }]) => !memo.retired);
  }

  #budgetMessage(): string {
    return `All ${this.#options.budget} columns are taken by properties that were promoted by hand. Demote one, or raise promoted-properties-max.`;
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    const run = this.#last.then(work);
    this.#last = run.catch(() => undefined);
    return run;
  }
}

const stateOf = ({ memo, error }: Promoted): Property['promotion'] => {
  if (memo.built) return 'ready';
  return error === null ? 'building' : 'failed';
};

/** Reads from the table what is promoted and looks after promotions until closed. */
export const openPromotions = async (options: PromotionsOptions): Promise<Promotions> => {
  const promotions = new Promotions(options);
  await promotions.start();
  return promotions;
};
