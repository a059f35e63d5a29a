import { setTimeout as pause } from 'node:timers/promises';
import type { Clock } from '../lib/clock.ts';
import { type MetricState, observe, type Telemetry } from '../lib/telemetry.ts';
import type { Position } from '../log/log.ts';
import { Watermark } from '../log/watermark.ts';
import { BatchBuilder, EventBatch } from './event-batch.ts';
import type { EventFilter } from './filter.ts';
import type { GovernedSource, ShownRange } from './governed-source.ts';
import { matchingRows, Past, type Wanted } from './past.ts';
import type { EventSubscription } from './subscription.ts';
import { DELAY_SECONDS, EVENTS_MISSED, EVENTS_SENT, PASSED_OVER, READ_FAILED } from './telemetry.ts';

/** Read at once when following the end. */
const READ_BYTES = 4 * 1024 * 1024;
/** Deliveries start at least so far apart: what is decided meanwhile goes out together. */
const TICK_MS_MIN = 10;
/** A delivery to very many takes long: then the next one waits six times as long as it took, at most this. */
const TICK_MS_MAX = 60;
const TICK_FACTOR = 6;
/** Without events: how often those who owe something are looked after. */
const IDLE_MS = 200;
const RETRY_MS = 500;
/** How soon it is looked whether a slow client, brought up to date, takes more; then less and less often, at least three times a second. */
const DRAIN_POLL_MS = 20;
const DRAIN_POLL_MS_MAX = 320;

/** Subscriptions with one filter, in one project: matched once, serialised once. */
interface Group {
  readonly filter: EventFilter;
  readonly pace: Pace | undefined;
  readonly members: Set<EventSubscription>;
}

/** Rows of one record that are handed out. */
interface Pick {
  readonly record: ShownRange['records'][number];
  readonly rows: readonly number[];
}

/** What a feed needs. `pastSource` reads what is behind, beside `source`, which follows the end. */
export interface FeedOptions {
  readonly source: GovernedSource;
  readonly pastSource: GovernedSource;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

/** Where a subscription begins. */
export interface FeedStart {
  /** Behind this position; undefined: with what comes now. */
  readonly after?: Position | undefined;
  /** So many of the latest events first, unless `after` is given. */
  readonly recent?: number | undefined;
}

/** Told once it is known where delivery begins, before anything is delivered. */
export type OnStart = (position: Position, gap: boolean) => void;

/**
 * Follows the governed topic while there are subscribers and hands each the events that it asked for. One turn at a time: read, match each filter once, serialise each event
 * once, hand out, pause.
 */
export class Feed {
  readonly #options: FeedOptions;
  readonly #past: Past;
  readonly #watermark = new Watermark(0);
  readonly #groups = new Map<string, Map<string, Group>>();
  readonly #owing = new Set<EventSubscription>();
  readonly #closing = new AbortController();
  readonly #sent: MetricState;
  readonly #missed: MetricState;
  readonly #delay: MetricState;
  #subscriptions = 0;
  #next: Position = 0;
  #running: Promise<void> | undefined;

  constructor(options: FeedOptions) {
    this.#options = options;
    this.#past = new Past(options.pastSource);
    this.#sent = options.telemetry.series(EVENTS_SENT, {});
    this.#missed = options.telemetry.series(EVENTS_MISSED, {});
    this.#delay = options.telemetry.series(DELAY_SECONDS, {});
  }

  /** The topic is durable up to (not including) `next`. */
  durableTo(next: Position): void {
    this.#options.source.durableTo(next);
    this.#options.pastSource.durableTo(next);
    this.#watermark.advance(next);
  }

  /** Begins to deliver. Resolves once the subscription is live or ended; rejects with LogError if the past cannot be read. */
  async subscribe(subscription: EventSubscription, start: FeedStart, onStart: OnStart): Promise<void> {
    this.#subscriptions += 1;
    this.#follow();
    if (start.after === undefined && (start.recent ?? 0) === 0) {
      subscription.position = this.#next - 1;
      onStart(subscription.position, false);
      this.#join(subscription);
      return;
    }
    const beyond =
      start.after === undefined
        ? await this.#beginRecent(subscription, start.recent ?? 0, onStart)
        : await this.#beginAfter(subscription, start.after, onStart);
    await this.#catchUp(subscription, beyond);
  }

  /** Delivers nothing more. Once a subscription. */
  unsubscribe(subscription: EventSubscription): void {
    const { project, groupKey } = subscription;
    subscription.mode = 'ended';
    this.#subscriptions -= 1;
    this.#owing.delete(subscription);
    const groups = this.#groups.get(project);
    const group = groups?.get(groupKey);
    group?.members.delete(subscription);
    if (group?.members.size === 0) groups?.delete(groupKey);
    if (groups?.size === 0) this.#groups.delete(project);
  }

  /** Tells a subscription for which nothing came lately where the feed is. */
  refresh(subscription: EventSubscription): void {
    const position = this.#next - 1;
    const { mode, owes, isFull } = subscription;
    if (mode !== 'live' || owes || isFull || subscription.position >= position) return;
    subscription.deliver(new EventBatch(position, []));
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#watermark.close();
    await this.#running;
    await Promise.all([this.#options.source.close(), this.#options.pastSource.close()]);
  }

  get #isClosing(): boolean {
    return this.#closing.signal.aborted;
  }

  #join(subscription: EventSubscription): void {
    const { project, filter, groupKey, perSecond } = subscription;
    subscription.mode = 'live';
    let groups = this.#groups.get(project);
    if (groups === undefined) this.#groups.set(project, (groups = new Map<string, Group>()));
    const group = groups.get(groupKey);
    if (group === undefined) {
      const pace = perSecond === undefined ? undefined : new Pace(perSecond, this.#options.clock);
      groups.set(groupKey, { filter, pace, members: new Set([subscription]) });
    } else group.members.add(subscription);
    if (subscription.owes) this.#owing.add(subscription);
  }

  #follow(): void {
    if (this.#running !== undefined || this.#isClosing) return;
    this.#next = this.#watermark.next;
    this.#running = this.#run();
  }

  async #run(): Promise<void> {
    while (this.#subscriptions > 0 && !this.#isClosing) {
      await this.#watermark.wait(this.#next, IDLE_MS, this.#closing.signal);
      const spentMs = await this.#turn();
      for (const subscription of this.#owing) if (subscription.settle()) this.#owing.delete(subscription);
      await this.#pause(Math.min(TICK_MS_MAX, Math.max(TICK_MS_MIN, spentMs * TICK_FACTOR)));
    }
    // Here, not when the promise is settled: who subscribes in between would not be followed.
    this.#running = undefined;
  }

  /** Reads and hands out once; answers how long handing out took. Failures are counted and pass. */
  async #turn(): Promise<number> {
    if (this.#next >= this.#watermark.next) return 0;
    try {
      return await this.#options.source.read(this.#next, READ_BYTES, (range) => this.#spread(range));
    } catch (error) {
      if (!this.#isClosing) this.#options.telemetry.emit(READ_FAILED, { error });
      await this.#pause(RETRY_MS);
      return 0;
    }
  }

  /** Hands out what was read; answers how long that took. */
  #spread({ records, gaps, next }: ShownRange): number {
    const { clock } = this.#options;
    const startedMs = clock.monotonicMs();
    if (gaps.length > 0) this.#passOver(gaps);
    for (const [project, groups] of this.#groups)
      for (const { filter, pace, members } of groups.values()) {
        if (pace !== undefined) {
          this.#spreadSome(records, { project, filter }, pace, members, next - 1);
          continue;
        }
        if (areFull(members)) {
          this.#miss(members, countOf(records, { project, filter }), next - 1);
          continue;
        }
        const builder = new BatchBuilder(this.#next - 1);
        for (const record of records) {
          for (const row of matchingRows(record, { project, filter })) builder.add(record.rows.json(row));
          builder.reached(record.position);
        }
        builder.reached(next - 1);
        for (const batch of builder.finish()) this.#deliver(batch, members);
      }
    this.#next = next;
    const nowMs = clock.nowMs();
    for (const { appendedAtMs } of records) observe(this.#delay, Math.max(0, nowMs - appendedAtMs) / 1000);
    return clock.monotonicMs() - startedMs;
  }

  /** Hands out the newest, as many as the pace allows. The others are counted and not made into JSON. */
  #spreadSome(
    records: ShownRange['records'],
    wanted: Wanted,
    pace: Pace,
    members: Iterable<EventSubscription>,
    position: Position,
  ): void {
    const { picks, leftOut } = newest(records, wanted, pace.allowed());
    pace.took(picks.reduce((sum, { rows }) => sum + rows.length, 0));
    if (leftOut > 0) for (const member of members) member.leaveOut(leftOut, this.#next - 1);
    const builder = new BatchBuilder(this.#next - 1);
    for (const { record, rows } of picks) for (const row of rows) builder.add(record.rows.json(row));
    builder.reached(position);
    for (const batch of builder.finish()) this.#deliver(batch, members);
  }

  #deliver(batch: EventBatch, members: Iterable<EventSubscription>): void {
    const count = batch.events.length;
    for (const member of members) {
      const isDelivered = member.deliver(batch) === 'delivered';
      observe(isDelivered ? this.#sent : this.#missed, count);
      if (!isDelivered) this.#owing.add(member);
    }
  }

  /** What nobody can take is counted and not made into JSON. */
  #miss(members: Iterable<EventSubscription>, count: number, position: Position): void {
    if (count === 0) return;
    for (const member of members) {
      member.miss(count, position);
      observe(this.#missed, count);
      this.#owing.add(member);
    }
  }

  #passOver(gaps: ShownRange['gaps']): void {
    for (const { from, to, detail } of gaps) this.#options.telemetry.emit(PASSED_OVER, { from, to, detail });
    for (const groups of this.#groups.values())
      for (const { members } of groups.values())
        for (const member of members) {
          member.passOver();
          this.#owing.add(member);
        }
  }

  /** Finds where delivery begins. Answers how many events behind that are delivered already: none. */
  async #beginAfter(subscription: EventSubscription, after: Position, onStart: OnStart): Promise<number> {
    const first = await this.#past.first();
    const last = this.#next - 1;
    // Ahead of the log: it comes from another life of it, and nothing is known of what was in between.
    const isAhead = after > last;
    subscription.position = isAhead ? last : Math.min(last, Math.max(after, first - 1));
    if (subscription.mode === 'behind') onStart(subscription.position, isAhead || after < first - 1);
    return 0;
  }

  /** Likewise. Answers how many events behind where it begins are not wanted, as they are older than those asked for. */
  async #beginRecent(subscription: EventSubscription, count: number, onStart: OnStart): Promise<number> {
    const { begin, beyond } = await this.#past.recent(subscription, count, this.#next);
    subscription.position = begin;
    if (subscription.mode === 'behind') onStart(begin, false);
    return beyond;
  }

  /**
   * Reads for one subscription what is behind the feed, as fast as its client takes it, until both stand at the same place. Nothing is held for a client that takes its time: what it
   * could not take is read again. `beyond`: so many events behind its position it has already.
   */
  async #catchUp(subscription: EventSubscription, beyond: number): Promise<void> {
    let has = beyond;
    while (await this.#takesMore(subscription)) {
      const from = subscription.position + 1;
      if (from >= this.#next) {
        this.#join(subscription);
        return;
      }
      const { batches, next, gap } = await this.#past.read(subscription, from, this.#next, has);
      if (gap) subscription.passOver();
      has = this.#hand(subscription, batches, next) ?? has;
    }
  }

  /** Resolves once the client of a subscription that is behind can take something; with false if it is over. */
  async #takesMore(subscription: EventSubscription): Promise<boolean> {
    for (let waitMs = DRAIN_POLL_MS; ; waitMs = Math.min(DRAIN_POLL_MS_MAX, 2 * waitMs)) {
      if (subscription.mode !== 'behind' || this.#isClosing) return false;
      if (!subscription.isFull) return true;
      await this.#pause(waitMs);
    }
  }

  /** Delivers as many batches as the client takes. Answers how many events behind its position it has then; undefined if it took none. */
  #hand(subscription: EventSubscription, batches: readonly EventBatch[], next: Position): number | undefined {
    if (subscription.mode !== 'behind') return undefined;
    let has: number | undefined;
    for (const batch of batches) {
      if (subscription.isFull) return has;
      this.#deliver(batch, [subscription]);
      has = batch.beyond;
    }
    subscription.position = next - 1;
    return 0;
  }

  async #pause(ms: number): Promise<void> {
    await pause(ms, undefined, { signal: this.#closing.signal }).catch(() => undefined);
  }
}

/** How many events a group gets: so many a second, saved up for a second. */
class Pace {
  readonly #perSecond: number;
  readonly #clock: Clock;
  #saved: number;
  #sinceMs: number;

  constructor(perSecond: number, clock: Clock) {
    this.#perSecond = perSecond;
    this.#clock = clock;
    this.#saved = perSecond;
    this.#sinceMs = clock.monotonicMs();
  }

  allowed(): number {
    const nowMs = this.#clock.monotonicMs();
    const gained = ((nowMs - this.#sinceMs) / 1000) * this.#perSecond;
    this.#saved = Math.min(this.#perSecond, this.#saved + gained);
    this.#sinceMs = nowMs;
    return Math.floor(this.#saved);
  }

  took(events: number): void {
    this.#saved -= events;
  }
}

/** The newest matching rows, at most `count`, oldest first; and how many there were beside them. */
const newest = (
  records: ShownRange['records'],
  wanted: Wanted,
  count: number,
): { readonly picks: readonly Pick[]; readonly leftOut: number } => {
  const picks: Pick[] = [];
  let wantedStill = count;
  let leftOut = 0;
  for (const record of records.toReversed()) {
    const matching = matchingRows(record, wanted);
    const rows = matching.slice(Math.max(0, matching.length - wantedStill));
    if (rows.length > 0) picks.unshift({ record, rows });
    wantedStill -= rows.length;
    leftOut += matching.length - rows.length;
  }
  return { picks, leftOut };
};

const areFull = (members: Iterable<EventSubscription>): boolean => {
  for (const { isFull } of members) if (!isFull) return false;
  return true;
};

const countOf = (records: ShownRange['records'], wanted: Wanted): number =>
  records.reduce((sum, record) => sum + matchingRows(record, wanted).length, 0);
