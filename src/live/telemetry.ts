import { defineEvent, type EventMetric } from '../lib/telemetry.ts';

/** How many there are now. */
export const CONNECTIONS: EventMetric<never> = {
  kind: 'gauge',
  name: 'aevum_live_connections',
  help: 'Live connections that are open, by kind.',
};
export const SUBSCRIPTIONS: EventMetric<never> = {
  kind: 'gauge',
  name: 'aevum_live_subscriptions',
  help: 'Live subscriptions, by kind.',
};
export const TRENDS: EventMetric<never> = {
  kind: 'gauge',
  name: 'aevum_live_trends',
  help: 'Different trends that are followed live.',
};
/** What was sent. */
export const MESSAGES: EventMetric<never> = {
  kind: 'counter',
  name: 'aevum_live_messages_total',
  help: 'Messages handed to live connections, by kind.',
};
export const EVENTS_SENT: EventMetric<never> = {
  kind: 'counter',
  name: 'aevum_live_events_total',
  help: 'Events handed to live subscribers.',
};
export const EVENTS_MISSED: EventMetric<never> = {
  kind: 'counter',
  name: 'aevum_live_events_missed_total',
  help: 'Events that live subscribers did not get because they were too slow. Each is told how many.',
};
export const DELAY_SECONDS: EventMetric<never> = {
  kind: 'histogram',
  name: 'aevum_live_delay_seconds',
  help: 'Time from a record of decided events being durable to its being handed to live subscribers.',
};
export const PUBLISHED: EventMetric<never> = {
  kind: 'counter',
  name: 'aevum_live_published_total',
  help: 'Messages of live connections whose events were taken in.',
};
export const EVALUATIONS: EventMetric<never> = {
  kind: 'counter',
  name: 'aevum_live_trend_evaluations_total',
  help: 'Queries made for followed trends, by outcome.',
};

/** A connection, a subscription or a message was refused. */
export const REFUSED = defineEvent<{ readonly code: string }>({
  name: 'live_refused',
  level: 'debug',
  metrics: [
    {
      kind: 'counter',
      name: 'aevum_live_refused_total',
      help: 'What live connections asked for and did not get, by error code.',
      labels: ({ code }) => ({ code }),
    },
  ],
});

/** A connection was ended from here. */
export const ENDED = defineEvent<{ readonly reason: 'silent' | 'revoked' | 'not_signed_in' | 'misused' }>({
  name: 'live_ended',
  level: 'debug',
  metrics: [
    {
      kind: 'counter',
      name: 'aevum_live_ended_total',
      help: 'Live connections that the server ended, by reason.',
      labels: ({ reason }) => ({ reason }),
    },
  ],
});

/** A stretch of the governed topic could not be shown live. */
export const PASSED_OVER = defineEvent<{
  readonly from: number;
  readonly to: number;
  readonly detail: string;
}>({
  name: 'live_gap',
  level: 'warn',
  message: ({ from, to, detail }) =>
    `Live streams pass over the positions ${from} to ${to - 1} of the governed log: ${detail}. Subscribers are told of a gap.`,
  metrics: [
    {
      kind: 'counter',
      name: 'aevum_live_gaps_total',
      help: 'Stretches of the log that live streams passed over.',
    },
  ],
});

/** The governed topic cannot be read at present. */
export const READ_FAILED = defineEvent<{ readonly error: unknown }>({
  name: 'live_read_failed',
  level: 'warn',
  message: ({ error }) =>
    `Live streams cannot read the governed log and try again: ${error instanceof Error ? error.message : String(error)}`,
  metrics: [
    {
      kind: 'counter',
      name: 'aevum_live_read_failures_total',
      help: 'Times that live streams could not read the log.',
    },
  ],
});
