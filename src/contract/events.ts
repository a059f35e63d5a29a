import { z } from '@hono/zod-openapi';

import { OUTCOMES } from '../event/outcome.ts';
import {
  asOfParameterSchema,
  cursorSchema,
  instantParameterSchema,
  instantSchema,
  nextCursorSchema,
  positionSchema,
} from './common.ts';
import { storedEventSchema } from './event.ts';

/** Rows of one page. */
export const PAGE_LIMITS = { default: 100, max: 1_000 } as const;

/** Characters of a filter in an address. */
const EVENT_FILTER_MAX = 8_000;

const nameSchema = z.string().min(1).max(2_000);

const limitSchema = z.coerce
  .number()
  .int()
  .min(1)
  .max(PAGE_LIMITS.max)
  .default(PAGE_LIMITS.default)
  .openapi({ description: 'Rows of the page.', example: 100 });

/** Query string of `GET /api/events`. */
export const eventsQuerySchema = z.strictObject({
  type: nameSchema.optional().openapi({ description: 'Only events of this type.', example: 'page_view' }),
  user_id: nameSchema.optional().openapi({ description: 'Only events of this user.', example: 'u_1842' }),
  session_id: nameSchema.optional().openapi({ description: 'Only events of this session.' }),
  since: instantParameterSchema.optional().openapi({
    description:
      'Only events that happened at this instant or later: ISO 8601, milliseconds since 1970, or relative (`now-30m`; units s, m, h, d, w).',
    example: 'now-30m',
  }),
  until: instantParameterSchema
    .optional()
    .openapi({ description: 'Only events that happened before this instant.', example: 'now' }),
  filter: z.string().max(EVENT_FILTER_MAX).optional().openapi({
    description:
      'Only events for which it holds: a filter of the query language as JSON, URL-encoded. Where few events meet it, say `since`: without it all events are looked at.',
    example: '{"field":"properties.plan","op":"eq","value":"pro"}',
  }),
  as_of: asOfParameterSchema,
  limit: limitSchema,
  cursor: cursorSchema.optional(),
});
export type EventsQuery = z.infer<typeof eventsQuerySchema>;

/** Answer to `GET /api/events`. */
export const eventsAnswerSchema = z
  .object({
    events: z.array(storedEventSchema).openapi({ description: 'Newest first, by `timestamp`.' }),
    next_cursor: nextCursorSchema,
    as_of: positionSchema
      .nullable()
      .openapi({ description: 'Every event up to this governed position can be in the answer.' }),
  })
  .openapi('EventsAnswer');
export type EventsAnswer = z.infer<typeof eventsAnswerSchema>;

const stagesSchema = z
  .object({
    receive_to_log_ms: z
      .number()
      .nullable()
      .openapi({ description: 'Receipt to durable in the raw log (then the client was told).', example: 3 }),
    log_to_decide_ms: z.number().nullable().openapi({ description: 'Raw log to decided.', example: 11 }),
    decide_to_load_ms: z.number().nullable().openapi({ description: 'Decided to queryable.', example: 142 }),
    total_ms: z.number().nullable().openapi({ description: 'Receipt to queryable.', example: 156 }),
  })
  .openapi('TraceStages', {
    description: 'Milliseconds of each stage; null while it is not passed or not known.',
  });

/** What can be said of one receipt of an id. */
export const TRACE_STATES = ['pending', ...OUTCOMES] as const;

const paneSchema = z
  .object({
    rollup: z.literal('rollup_10s'),
    start: instantSchema,
    end: instantSchema,
    type: z.string(),
    currency: z.string().nullable(),
  })
  .openapi('TracePane', { description: 'A pane of a rollup that counts the event.' });

const receiptSchema = z
  .object({
    state: z
      .enum(TRACE_STATES)
      .openapi({ description: '`pending`: durable, but not decided or not loaded yet.', example: 'stored' }),
    type: z.string().nullable().openapi({ example: 'page_view' }),
    timestamp: instantSchema.nullable(),
    received_at: instantSchema,
    logged: z
      .object({ position: positionSchema, at: instantSchema.nullable() })
      .nullable()
      .openapi({ description: 'Where in the raw log, and since when it is durable there.' }),
    decided: z
      .object({
        position: positionSchema.nullable().openapi({ description: 'Position in the governed log.' }),
        at: instantSchema.nullable(),
        configuration: z
          .number()
          .int()
          .nullable()
          .openapi({ description: 'Version of the configuration that decided.', example: 1 }),
        reason: z
          .string()
          .nullable()
          .openapi({ description: 'Why it was not stored: a code of the errors page.', example: null }),
        detail: z.string().nullable(),
      })
      .nullable(),
    duplicate_of: z
      .object({ position: positionSchema, received_at: instantSchema })
      .nullable()
      .openapi({ description: 'Duplicates: the stored event with the same id.', example: null }),
    loaded: z.object({ at: instantSchema }).nullable().openapi({ description: 'Since when queries see it.' }),
    panes: z.array(paneSchema),
    stages: stagesSchema,
  })
  .openapi('TraceReceipt');
export type TraceReceipt = z.infer<typeof receiptSchema>;

/** Answer to `GET /api/events/{id}/trace`. */
export const traceAnswerSchema = z
  .object({
    id: z.string().openapi({ example: '5f2c1a7e-9f0b-4c35-8a2e-6f0d3b1c9e77' }),
    state: z.enum(TRACE_STATES).openapi({
      description: 'What became of the id: `stored` if one of its receipts was.',
      example: 'stored',
    }),
    receipts: z
      .array(receiptSchema)
      .openapi({ description: 'One entry each time the id was received, first receipt first; at most 100.' }),
  })
  .openapi('TraceAnswer');
export type TraceAnswer = z.infer<typeof traceAnswerSchema>;

const REFUSED_OUTCOMES = ['quarantined', 'stale', 'duplicate', 'blocked'] as const;

/** Query string of `GET /api/quarantine`. */
export const quarantineQuerySchema = z.strictObject({
  outcome: z
    .enum(REFUSED_OUTCOMES)
    .default('quarantined')
    .openapi({ description: 'Quarantined rows keep their bytes; of the others some do, as samples.' }),
  reason: nameSchema.optional().openapi({ description: 'Only this reason.', example: 'invalid_timestamp' }),
  type: nameSchema.optional(),
  since: instantParameterSchema
    .optional()
    .openapi({ description: 'Only rows received at this instant or later.', example: 'now-1d' }),
  until: instantParameterSchema
    .optional()
    .openapi({ description: 'Only rows received before this instant.' }),
  limit: limitSchema,
  cursor: cursorSchema.optional(),
});
export type QuarantineQuery = z.infer<typeof quarantineQuerySchema>;

const refusedRowSchema = z
  .object({
    id: z.string().nullable().openapi({ description: 'Its id, as far as one could be read.' }),
    type: z.string().nullable(),
    timestamp: instantSchema.nullable().openapi({ description: 'As far as one could be read.' }),
    received_at: instantSchema,
    outcome: z.enum(REFUSED_OUTCOMES),
    reason: z.string().openapi({ example: 'invalid_timestamp' }),
    detail: z.string().openapi({ description: 'What the client was or would have been told.' }),
    body: z.string().nullable().openapi({
      description: 'The bytes as received; null if they were not kept.',
      example: '{"type":"x","timestamp":"yesterday"}',
    }),
    body_encoding: z
      .enum(['utf-8', 'base64'])
      .openapi({ description: '`base64` where the bytes are not valid UTF-8.' }),
    position: positionSchema,
    raw_position: positionSchema,
  })
  .openapi('RefusedRow');
export type RefusedRow = z.infer<typeof refusedRowSchema>;

/** Answer to `GET /api/quarantine`. */
export const quarantineAnswerSchema = z
  .object({
    rows: z.array(refusedRowSchema).openapi({ description: 'Last received first.' }),
    next_cursor: nextCursorSchema,
  })
  .openapi('QuarantineAnswer');
export type QuarantineAnswer = z.infer<typeof quarantineAnswerSchema>;
