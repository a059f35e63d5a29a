import { z } from '@hono/zod-openapi';

import type { Permission } from '../access/permissions.ts';
import type { ErrorCode } from '../event/errors.ts';
import type { StoredEvent } from './event.ts';
import { type TrendAnswer, type TrendSeries, trendRequestSchema } from './trend.ts';

/** Where browsers and programs connect by WebSocket. */
export const LIVE_PATH = '/ws/events';

/** Bounds of live connections. */
export const LIVE_LIMITS = {
  /** WebSockets and event streams at a time. */
  connectionsMax: 5_000,
  /** Of these, WebSockets on which nobody has signed in yet: strangers cannot take the place of all others. */
  waitingMax: 1_000,
  /** Subscriptions at a time, of all connections together. */
  subscriptionsMax: 10_000,
  /** Subscriptions of one connection. */
  subscriptionsPerConnection: 100,
  /** Different trends that are followed at a time. */
  trendsMax: 500,
  /** Values in one field of a filter. */
  filterValuesMax: 100,
  /** Properties in one filter. */
  filterPropertiesMax: 20,
  /** Characters of a value, or of the name of a property. */
  filterTextMax: 2_000,
  /** Events that `recent` may ask for. */
  recentMax: 1_000,
  /** What `per_second` may be. */
  perSecondMax: 1_000,
  /** Characters of an id that a client gives to a message. */
  idLengthMax: 100,
} as const;

/** Codes with which the server closes a WebSocket, beside those of the protocol itself. */
export const LIVE_CLOSE_CODES = {
  /** The server stops. Connect again. */
  goingAway: 1001,
  /** A binary message was sent. */
  notText: 1003,
  /** A message was longer than the server takes. */
  tooLarge: 1009,
  /** Nobody signed in within ten seconds, the key or ticket was not good, or it was revoked. */
  notSignedIn: 4401,
} as const;

/** A position as clients send it. */
const positionTextSchema = z
  .string()
  .regex(/^(?:-1|\d{1,15})$/u, 'is not a position: digits, as text; "-1" is before the first');

const valueSchema = z
  .union([z.string().max(LIVE_LIMITS.filterTextMax), z.number(), z.boolean()])
  .transform(String);
const valuesSchema = z.array(valueSchema).min(1).max(LIVE_LIMITS.filterValuesMax);

const propertiesSchema = z
  // A record would leave this name out in silence, and with it the condition.
  .custom<Readonly<Record<string, readonly (string | number | boolean)[]>>>(
    (value) => typeof value === 'object' && value !== null && !Object.hasOwn(value, '__proto__'),
    'is an object of lists of values; a property named "__proto__" cannot be filtered by.',
  )
  .pipe(z.record(z.string().min(1).max(LIVE_LIMITS.filterTextMax), valuesSchema))
  .refine((map) => Object.keys(map).length <= LIVE_LIMITS.filterPropertiesMax, {
    message: `names more than ${LIVE_LIMITS.filterPropertiesMax} properties.`,
  });

/** Which events. The values of one field are alternatives; different fields must all hold. Without any field: all events. */
export const liveFilterSchema = z.strictObject({
  type: valuesSchema.optional(),
  source: valuesSchema.optional(),
  user_id: valuesSchema.optional(),
  /** By the name of a property of the first level. Numbers and booleans compare by their JSON text. */
  properties: propertiesSchema.optional(),
});
/** A filter as it is understood. */
export type LiveFilter = z.output<typeof liveFilterSchema>;
/** A filter as it is sent. */
export type LiveFilterInput = z.input<typeof liveFilterSchema>;

const idSchema = z.string().min(1).max(LIVE_LIMITS.idLengthMax);
const recentSchema = z.number().int().min(0).max(LIVE_LIMITS.recentMax);

const authSchema = z.strictObject({ op: z.literal('auth'), key: z.string().min(1) });

const publishSchema = z.strictObject({
  op: z.literal('publish'),
  id: idSchema,
  /** One of the two. Judged as a body of `POST /api/events` is, not here. */
  event: z.unknown().optional(),
  events: z.array(z.unknown()).optional(),
});

const subscribeEventsSchema = z.strictObject({
  op: z.literal('subscribe'),
  id: idSchema,
  kind: z.literal('events'),
  filter: liveFilterSchema.default({}),
  /** Everything behind this position first, as far as the log still has it. */
  after: positionTextSchema.optional(),
  /** So many of the latest events first, unless `after` is given. */
  recent: recentSchema.optional(),
  /** Of what comes live, no more than so many events a second: the newest; the others are counted in `left_out`. For pages that people read. */
  per_second: z.number().int().min(1).max(LIVE_LIMITS.perSecondMax).optional(),
});

const subscribeTrendSchema = z.strictObject({
  op: z.literal('subscribe'),
  id: idSchema,
  kind: z.literal('trend'),
  query: trendRequestSchema,
});

const unsubscribeSchema = z.strictObject({ op: z.literal('unsubscribe'), id: idSchema });

/** Every message that a client may send, told apart by `op` and `kind`. */
export const liveMessageSchema = z.union([
  authSchema,
  publishSchema,
  z.discriminatedUnion('kind', [subscribeEventsSchema, subscribeTrendSchema]),
  unsubscribeSchema,
]);

/** The schema of each message by its `op`: so that a problem is told of what was meant. */
export const LIVE_MESSAGES = {
  auth: authSchema,
  publish: publishSchema,
  subscribe: z.discriminatedUnion('kind', [subscribeEventsSchema, subscribeTrendSchema]),
  unsubscribe: unsubscribeSchema,
} as const;

/** A message of a client as it is sent. */
export type LiveRequest = z.input<typeof liveMessageSchema>;
/** A message of a client as it is understood. */
export type LiveMessage = z.output<typeof liveMessageSchema>;
/** A subscription to events as it is understood. */
export type SubscribeEvents = z.output<typeof subscribeEventsSchema>;
/** A subscription to a trend as it is understood. */
export type SubscribeTrend = z.output<typeof subscribeTrendSchema>;
/** Events to be taken in. */
export type Publish = z.output<typeof publishSchema>;

/** Events that match a subscription, oldest first. */
export interface LiveEvents {
  readonly op: 'events';
  readonly id: string;
  /** Everything up to this position is delivered, or counted in `missed`. Where to go on (`after`) after a reconnect. */
  readonly position: string;
  readonly events: readonly StoredEvent[];
  /** Matching events since the message before that this subscriber did not get, because it was too slow. */
  readonly missed: number;
  /** Events that `per_second` left out since the message before. Absent: none. */
  readonly left_out?: number;
  /** True: besides, an unknown number of events was passed over, because the log does not hold them any more. */
  readonly gap?: true;
}

/** What says which series is meant. */
export type SeriesIdentity = Pick<TrendSeries, 'group' | 'other' | 'currency'>;

/** A series that is new or changed. */
export interface SeriesChange extends SeriesIdentity {
  readonly total: number | null;
  readonly total_exact?: string;
  /** Index of the bucket (in the new `buckets`) and its new value. A bucket that was added and is not listed is null. */
  readonly points: readonly (readonly [index: number, value: number | null])[];
}

/**
 * What is different from the answer before. Apply it with `applyTrendChange`: first `buckets`, then `removed`, then `series`, then `order`. What is always there replaces what
 * was.
 */
export interface TrendChange
  extends Pick<TrendAnswer, 'as_of' | 'freshness' | 'range' | 'incomplete' | 'source' | 'statistics'> {
  /** The window moved: so many buckets are taken off the beginning, these are added at the end. */
  readonly buckets?: { readonly drop: number; readonly add: readonly string[] };
  readonly removed: readonly SeriesIdentity[];
  readonly series: readonly SeriesChange[];
  /** The new order, when it changed: for each place the index of the series in the order before (new series stand at its end, in the order of `series`). */
  readonly order?: readonly number[];
}

/** Every message that the server sends. */
export type LiveAnswer =
  | { readonly op: 'ready'; readonly project: string; readonly permissions: readonly Permission[] }
  | {
      readonly op: 'ack';
      readonly id: string;
      readonly accepted: number;
      readonly position: string | null;
      readonly rejected: readonly {
        readonly index: number;
        readonly id: string | null;
        readonly code: string;
        readonly message: string;
      }[];
    }
  | {
      readonly op: 'subscribed';
      readonly id: string;
      /** Events only: where delivery begins; events behind it follow. */
      readonly position?: string;
      /** Events only. True: not everything behind `after` is in the log any more; what is there follows. */
      readonly gap?: boolean;
    }
  | { readonly op: 'unsubscribed'; readonly id: string }
  | LiveEvents
  /** The whole answer: first, and again whenever a change cannot be told or this subscriber was too slow for it. It replaces the one before. */
  | { readonly op: 'trend'; readonly id: string; readonly answer: TrendAnswer }
  | ({ readonly op: 'trend_change'; readonly id: string } & TrendChange)
  | LiveError;

/** Something was refused or failed. A subscription to a trend goes on after an error that names its id and has `retry_after`. */
export interface LiveError {
  readonly op: 'error';
  /** The message or subscription it is about. */
  readonly id?: string;
  readonly code: ErrorCode;
  readonly message: string;
  readonly details?: unknown;
  /** Where trying again may help: after so many seconds. */
  readonly retry_after?: number;
}

/** Answer to `POST /api/live/ticket`. */
export const ticketAnswerSchema = z
  .object({
    ticket: z.string().openapi({
      description: 'For `?ticket=` of `/ws/events` or of `/api/events/stream`. Good once.',
      example: 'k5pMVqkVY1mTyZbSPUVCGCgtrCMSZfnbZbFKjA9YhhU',
    }),
    expires_in: z.number().int().openapi({ description: 'Seconds.', example: 30 }),
  })
  .openapi('Ticket');

const anyOf = (what: string) =>
  z
    .union([valueSchema.transform((value) => [value]), valuesSchema])
    .optional()
    .openapi({
      type: 'array',
      items: { type: 'string' },
      description: `Only events of ${what}. Repeat it for several.`,
    });

/** Query string of `GET /api/events/stream`. Further parameters named `property.<name>` filter by properties. */
export const streamQuerySchema = z.strictObject({
  type: anyOf('these types'),
  source: anyOf('these sources'),
  user_id: anyOf('these users'),
  after: positionTextSchema.optional().openapi({
    description: 'Begin behind this position. The header `Last-Event-ID` says the same and goes first.',
    example: '48211',
  }),
  recent: z.coerce
    .number()
    .int()
    .min(0)
    .max(LIVE_LIMITS.recentMax)
    .optional()
    .openapi({ description: 'Begin with so many of the latest events.', example: 50 }),
  ticket: z
    .string()
    .max(200)
    .optional()
    .openapi({ description: 'Instead of a key: from `POST /api/live/ticket`.' }),
});
