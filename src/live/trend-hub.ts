import { LIVE_LIMITS } from '../contract/live.ts';
import type { TrendAnswer, TrendRequest } from '../contract/trend.ts';
import { ApiError } from '../event/errors.ts';
import type { Clock } from '../lib/clock.ts';
import { type MetricState, observe, type Telemetry } from '../lib/telemetry.ts';
import { invalidAt } from '../http/request-problem.ts';
import type { AskOptions } from '../query/service.ts';
import { PANE_MS, parseRange } from '../query/time-range.ts';
import { parseTrend } from '../query/trend-plan.ts';
import { SharedMessage } from './shared-message.ts';
import { EVALUATIONS, TRENDS } from './telemetry.ts';
import { trendChange } from './trend-change.ts';

/** One trend is not asked more often. */
const EVALUATE_EVERY_MS = 1_000;
/** How often it is looked whether a window moved, and whether a slow client takes more. */
const LOOK_EVERY_MS = 250;
/** Queries for trends that run at a time; the others wait. */
const CONCURRENCY = 4;

/** Parts of a request that make answers which no change can tell of. */
const UNFOLLOWED = ['series', 'formula', 'compare'] as const;

/** The way to one client, as a subscription to a trend sees it. */
export interface TrendSink {
  /** Too much waits to be taken by the client already. */
  isFull(): boolean;
  message(message: SharedMessage): void;
  /** The trend cannot be answered. `isFinal`: it is not tried again. */
  failed(error: unknown, isFinal: boolean): void;
}

interface Follower {
  readonly sink: TrendSink;
  /** It has the answer that the trend has, so that a change suffices. */
  isCurrent: boolean;
  /** It was told that the trend cannot be answered at present. */
  isTold: boolean;
}

/** A trend that somebody follows. */
export interface Following {
  readonly end: () => void;
  /** Sends what is known and was held back, if the client can take it now. */
  readonly refresh: () => void;
}

/** What an answer depends on. Windows only move with `pane`, which is cheaper to look at. */
interface Standing {
  readonly loaded: number;
  readonly pane: number;
  readonly window: string;
}

/** One question that somebody follows: asked once for all of them. */
interface Trend {
  readonly key: string;
  readonly project: string;
  readonly request: TrendRequest;
  readonly followers: Set<Follower>;
  answer: TrendAnswer | undefined;
  whole: SharedMessage | undefined;
  /** What it was last asked as of; another value means that the answer may be another one. */
  asked: Standing | undefined;
  startedMs: number;
  isRunning: boolean;
  hasFailed: boolean;
}

/** What a hub needs. */
export interface TrendHubOptions {
  readonly service: {
    query(project: string, request: TrendRequest, options?: AskOptions): Promise<TrendAnswer>;
  };
  /** Governed records before this are queryable. */
  readonly loaded: () => number;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

/** Keeps the answers of followed trends up to date: each different one is asked once for all its followers, at most once a second, and only if the answer may have changed. */
export class TrendHub {
  readonly #options: TrendHubOptions;
  readonly #trends = new Map<string, Trend>();
  readonly #closing = new AbortController();
  readonly #running = new Set<Promise<void>>();
  readonly #evaluations: Readonly<Record<'answered' | 'failed', MetricState>>;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: TrendHubOptions) {
    this.#options = options;
    const series = (outcome: string): MetricState => options.telemetry.series(EVALUATIONS, { outcome });
    this.#evaluations = { answered: series('answered'), failed: series('failed') };
  }

  /** Follows a trend. Throws ApiError for a question that cannot be followed. */
  follow(project: string, request: TrendRequest, sink: TrendSink): Following {
    if (request.explain)
      throw invalidAt(
        'query.explain',
        'is for POST /api/query: a trend that is followed has no explanation.',
      );
    for (const name of UNFOLLOWED)
      if (request[name] !== undefined)
        throw invalidAt(
          `query.${name}`,
          'is for POST /api/query: a trend that is followed has one series of its own and one period. Follow one trend for each.',
        );
    parseTrend(request);
    const trend = this.#trendOf(project, request);
    const follower: Follower = { sink, isCurrent: false, isTold: false };
    trend.followers.add(follower);
    this.#bringUp(trend, follower);
    // Those that are there already have their turn by the clock, however many come.
    if (trend.followers.size === 1) this.#look();
    return {
      end: () => {
        trend.followers.delete(follower);
        if (trend.followers.size === 0) this.#drop(trend);
      },
      refresh: () => this.#bringUp(trend, follower),
    };
  }

  /** Something was loaded. */
  look(): void {
    if (this.#trends.size > 0) this.#look();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    clearTimeout(this.#timer);
    await Promise.all(this.#running);
  }

  #trendOf(project: string, request: TrendRequest): Trend {
    const key = JSON.stringify([project, request]);
    const known = this.#trends.get(key);
    if (known !== undefined) return known;
    if (this.#trends.size >= LIVE_LIMITS.trendsMax)
      throw new ApiError(
        'too_many_subscriptions',
        `${LIVE_LIMITS.trendsMax} different trends are followed already. Follow one that others follow too, or ask by POST /api/query.`,
      );
    const made: Trend = {
      ...{ key, project, request, followers: new Set<Follower>(), startedMs: Number.NEGATIVE_INFINITY },
      ...{ answer: undefined, whole: undefined, asked: undefined, isRunning: false, hasFailed: false },
    };
    this.#trends.set(key, made);
    this.#count();
    return made;
  }

  #count(): void {
    observe(this.#options.telemetry.series(TRENDS, {}), this.#trends.size);
  }

  /** Asks every trend whose time has come, and comes back. */
  #look(): void {
    if (this.#closing.signal.aborted) return;
    clearTimeout(this.#timer);
    const nowMs = this.#options.clock.monotonicMs();
    // Those that waited longest first, so that none is forgotten when there are many.
    const due = [...this.#trends.values()]
      .filter((trend) => !trend.isRunning && nowMs - trend.startedMs >= EVALUATE_EVERY_MS)
      .sort((a, b) => a.startedMs - b.startedMs);
    for (const trend of due) {
      if (this.#running.size >= CONCURRENCY) break;
      if (this.#mayDiffer(trend)) this.#start(trend);
    }
    for (const trend of this.#trends.values())
      for (const follower of trend.followers) this.#bringUp(trend, follower);
    if (this.#trends.size > 0) this.#timer = setTimeout(() => this.#look(), LOOK_EVERY_MS);
  }

  #standing({ request }: Trend): Standing {
    const { clock, loaded } = this.#options;
    const nowMs = clock.nowMs();
    return {
      loaded: loaded(),
      pane: Math.floor(nowMs / PANE_MS),
      window: JSON.stringify(parseRange(request.range, nowMs, request.timezone)),
    };
  }

  #mayDiffer(trend: Trend): boolean {
    if (trend.asked === undefined || trend.hasFailed) return true;
    const { loaded, pane, window } = trend.asked;
    if (this.#options.loaded() !== loaded) return true;
    if (Math.floor(this.#options.clock.nowMs() / PANE_MS) === pane) return false;
    const now = this.#standing(trend);
    if (now.window !== window) return true;
    trend.asked = now;
    return false;
  }

  #start(trend: Trend): void {
    trend.isRunning = true;
    trend.startedMs = this.#options.clock.monotonicMs();
    const run = this.#evaluate(trend).finally(() => {
      trend.isRunning = false;
      this.#running.delete(run);
      // The next in line need not wait for the clock.
      if (this.#trends.size > CONCURRENCY) this.look();
    });
    this.#running.add(run);
  }

  async #evaluate(trend: Trend): Promise<void> {
    try {
      const asked = this.#standing(trend);
      const { signal } = this.#closing;
      const options = { signal, once: true, by: { way: 'live', asker: null } } as const;
      const answer = await this.#options.service.query(trend.project, trend.request, options);
      trend.asked = asked;
      trend.hasFailed = false;
      observe(this.#evaluations.answered, 1);
      this.#publish(trend, answer);
    } catch (error) {
      if (this.#closing.signal.aborted) return;
      observe(this.#evaluations.failed, 1);
      this.#fail(trend, error);
    }
  }

  #publish(trend: Trend, answer: TrendAnswer): void {
    const before = trend.answer;
    const change = before === undefined ? undefined : trendChange(before, answer);
    trend.answer = answer;
    trend.whole = undefined;
    if (change === undefined) for (const follower of trend.followers) follower.isCurrent = false;
    const message = change && new SharedMessage('trend_change', JSON.stringify(change).slice(1));
    for (const follower of trend.followers) {
      follower.isTold = false;
      if (message === undefined || !follower.isCurrent) this.#bringUp(trend, follower);
      else if (follower.sink.isFull()) follower.isCurrent = false;
      else follower.sink.message(message);
    }
  }

  /** Sends the whole answer to who does not have it, if the client can take it. */
  #bringUp(trend: Trend, follower: Follower): void {
    if (follower.isCurrent || trend.answer === undefined || trend.hasFailed || follower.sink.isFull()) return;
    trend.whole ??= new SharedMessage('trend', `"answer":${JSON.stringify(trend.answer)}}`);
    follower.isCurrent = true;
    follower.sink.message(trend.whole);
  }

  #fail(trend: Trend, error: unknown): void {
    const isFinal = error instanceof ApiError && error.retryAfterSeconds === undefined && error.status < 500;
    for (const follower of [...trend.followers]) {
      follower.isCurrent = false;
      // The last word is always told: nothing else would follow it.
      if (!isFinal && (follower.isTold || follower.sink.isFull())) continue;
      follower.isTold = true;
      follower.sink.failed(error, isFinal);
    }
    trend.hasFailed = true;
    if (isFinal) this.#drop(trend);
  }

  #drop(trend: Trend): void {
    if (this.#trends.get(trend.key) === trend) this.#trends.delete(trend.key);
    this.#count();
  }
}
