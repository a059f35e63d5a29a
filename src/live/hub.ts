import type { Principal } from '../access/principal.ts';
import type { SubscribeEvents, SubscribeTrend } from '../contract/live.ts';
import type { Collector } from '../collect/collector.ts';
import type { MetricState, Telemetry } from '../lib/telemetry.ts';
import type { Timers } from '../lib/timers.ts';
import type { Census } from './census.ts';
import type { Feed, FeedStart, OnStart } from './feed.ts';
import { compileFilter } from './filter.ts';
import type { Gate } from './gate.ts';
import { type EventSink, EventSubscription } from './subscription.ts';
import type { TrendHub, TrendSink } from './trend-hub.ts';

/** What every live connection works with. */
export interface LiveHub {
  readonly feed: Feed;
  readonly trends: TrendHub;
  readonly gate: Gate;
  readonly census: Census;
  readonly collector: Collector;
  readonly telemetry: Telemetry;
  /** Enters that somebody begins to follow events, by which way. Resolves when that is done. */
  readonly noteFollowing: (principal: Principal, operation: string) => Promise<void>;
  readonly timers: Timers;
  readonly counters: Readonly<Record<'events' | 'trend' | 'other' | 'published', MetricState>>;
}

/** A subscription that was begun. */
export interface Subscribed {
  /** Calling it twice does no harm. */
  end(): void;
  /** Tells how far it has come if nothing matched for long, so that it may be gone on with after that is not in the log any more. */
  refresh(): void;
}

/** Begins a subscription to events. `onFailed` is told if the past cannot be read; the subscription has ended then. Throws ApiError. */
export const subscribeEvents = (
  { feed, census }: LiveHub,
  project: string,
  { filter, after, recent, per_second }: Pick<SubscribeEvents, 'filter' | 'after' | 'recent' | 'per_second'>,
  sink: EventSink,
  on: { readonly start: OnStart; readonly failed: (error: unknown) => void },
): Subscribed => {
  const leave = census.subscribe('events');
  const subscription = new EventSubscription(project, compileFilter(filter), sink, per_second);
  const start: FeedStart = { after: after === undefined ? undefined : Number(after), recent };
  const end = (): void => {
    if (subscription.mode === 'ended') return;
    feed.unsubscribe(subscription);
    leave();
  };
  feed.subscribe(subscription, start, on.start).catch((error: unknown) => {
    if (subscription.mode === 'ended') return;
    end();
    on.failed(error);
  });
  return { end, refresh: () => feed.refresh(subscription) };
};

/** Begins to follow a trend. Throws ApiError. */
export const subscribeTrend = (
  { trends, census }: LiveHub,
  project: string,
  { query }: SubscribeTrend,
  sink: TrendSink,
): Subscribed => {
  const leave = census.subscribe('trend');
  try {
    const { end, refresh } = trends.follow(project, query, sink);
    return {
      end: () => {
        end();
        leave();
      },
      refresh,
    };
  } catch (error) {
    leave();
    throw error;
  }
};
