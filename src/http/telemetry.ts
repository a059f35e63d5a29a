import { defineEvent, type EventMetric } from '../lib/telemetry.ts';

/** Where and how a request was answered. */
export interface Answered {
  /** The route's pattern, not the path: few, whatever is asked for. */
  readonly route: string;
  readonly method: string;
  readonly status: number;
  readonly seconds: number;
}

/** Counts answers. */
export const REQUESTS: EventMetric<Answered> = {
  kind: 'counter',
  name: 'aevum_http_requests_total',
  help: 'Requests answered.',
  value: () => 1,
  labels: ({ route, method, status }) => ({ route, method, status: String(status) }),
};

/** Times answers. */
export const REQUEST_SECONDS: EventMetric<Answered> = {
  kind: 'histogram',
  name: 'aevum_http_request_seconds',
  help: 'Time from a request being read to its answer.',
  value: ({ seconds }) => seconds,
  labels: ({ route }) => ({ route }),
};

/** A request was answered. */
export const ANSWERED = defineEvent<Answered>({
  name: 'http_answered',
  level: 'debug',
  metrics: [REQUESTS, REQUEST_SECONDS],
});

/** Something that is not a proper HTTP request was answered and its connection closed. */
export const MALFORMED = defineEvent<{ readonly code: string }>({
  name: 'http_malformed',
  level: 'debug',
  metrics: [
    {
      kind: 'counter',
      name: 'aevum_http_malformed_total',
      help: 'Connections closed because of what they sent, or did not send in time.',
      labels: ({ code }) => ({ code }),
    },
  ],
});

/** A connection was refused because there are too many. */
export const DROPPED = defineEvent<Record<string, never>>({
  name: 'http_connection_dropped',
  level: 'debug',
  metrics: [
    {
      kind: 'counter',
      name: 'aevum_http_connections_dropped_total',
      help: 'Connections refused because there were too many.',
    },
  ],
});
