import type { ErrorCode } from '../event/errors.ts';
import type { ReasonCode } from '../event/outcome.ts';
import { defineEvent } from '../lib/telemetry.ts';

/** Requests of one commit became durable. */
export const COMMITTED = defineEvent<{
  readonly requests: number;
  readonly accepted: number;
  readonly rows: number;
  readonly bytes: number;
  readonly ms: number;
}>({
  name: 'collect_committed',
  level: 'debug',
  metrics: [
    {
      kind: 'counter',
      name: 'aevum_collect_accepted_total',
      help: 'Events accepted and durable.',
      value: (f) => f.accepted,
    },
    {
      kind: 'counter',
      name: 'aevum_collect_bytes_total',
      help: 'Bytes of bodies, decompressed.',
      value: (f) => f.bytes,
    },
    {
      kind: 'histogram',
      name: 'aevum_collect_commit_seconds',
      help: 'Time from handing a commit to the log until it was durable.',
      value: (f) => f.ms / 1000,
    },
    {
      kind: 'histogram',
      name: 'aevum_collect_commit_requests',
      help: 'Requests that shared a commit.',
      value: (f) => f.requests,
      buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000],
    },
    {
      kind: 'histogram',
      name: 'aevum_collect_commit_rows',
      help: 'Events that shared a commit.',
      value: (f) => f.rows,
      buckets: [1, 10, 100, 1_000, 5_000, 10_000, 25_000, 50_000],
    },
  ],
});

/** Events of a request were refused, for one reason. */
export const REJECTED = defineEvent<{ readonly code: ReasonCode; readonly events: number }>({
  name: 'collect_rejected',
  level: 'debug',
  metrics: [
    {
      kind: 'counter',
      name: 'aevum_collect_rejected_total',
      help: 'Events received but refused, by reason.',
      value: (f) => f.events,
      labels: (f) => ({ reason: f.code }),
    },
  ],
});

/** A request was refused as a whole. */
export const TURNED_AWAY = defineEvent<{ readonly code: ErrorCode }>({
  name: 'collect_turned_away',
  level: 'debug',
  metrics: [
    {
      kind: 'counter',
      name: 'aevum_collect_turned_away_total',
      help: 'Requests of which nothing was taken in, by error.',
      labels: (f) => ({ code: f.code }),
    },
  ],
});

/** The bytes that wait to be durable changed. */
export const WAITING = defineEvent<{ readonly bytes: number }>({
  name: 'collect_waiting',
  level: 'debug',
  metrics: [
    {
      kind: 'gauge',
      name: 'aevum_collect_waiting_bytes',
      help: 'Bytes of bodies decoded but not yet durable.',
      value: (f) => f.bytes,
    },
  ],
});

/** The log refuses to be written, or takes writes again. */
export const LOG_TROUBLE = defineEvent<{ readonly code: ErrorCode; readonly message: string }>({
  name: 'collect_log_trouble',
  level: 'error',
  message: ({ code, message }) => `No events are taken in (${code}): ${message}`,
});

/** The log takes writes again after LOG_TROUBLE. */
export const LOG_RECOVERED = defineEvent<Record<string, never>>({
  name: 'collect_log_recovered',
  level: 'info',
  message: () => 'The log takes writes again; events are taken in.',
});
