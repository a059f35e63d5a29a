import { z } from '@hono/zod-openapi';

import { CONTEXT_COLUMNS } from '../event/columns.ts';
import { REASONS, type ReasonCode } from '../event/outcome.ts';
import { instantSchema, positionSchema } from './common.ts';

const contextSchema = z
  .object(
    Object.fromEntries(CONTEXT_COLUMNS.map((name) => [name, z.string().optional()])) as Record<
      (typeof CONTEXT_COLUMNS)[number],
      z.ZodOptional<z.ZodString>
    >,
  )
  .openapi('EventContext', {
    description: 'Where the event happened. Absent fields are left out.',
    example: { country: 'DE', page: '/checkout' },
  });

/** An event as sent. */
export const eventInputSchema = z
  .looseObject({
    type: z.string().openapi({ description: 'What happened.', example: 'page_view' }),
    id: z.string().optional().openapi({
      description:
        'Your id of the event. An id is stored once, however often it is sent. Made (UUIDv7) if absent.',
      example: '5f2c1a7e-9f0b-4c35-8a2e-6f0d3b1c9e77',
    }),
    timestamp: z.union([z.string(), z.number()]).optional().openapi({
      description:
        'When it happened: milliseconds since 1970, or ISO 8601 with a zone. The time of receipt if absent.',
      example: '2026-11-20T12:00:00.000Z',
    }),
    source: z.string().optional().openapi({ description: 'What sent it.', example: 'web' }),
    version: z
      .string()
      .optional()
      .openapi({ description: 'Version of the schema of this event type.', example: '1.0.0' }),
    user_id: z.string().optional().openapi({ example: 'u_1842' }),
    session_id: z.string().optional().openapi({ example: 's_77120' }),
    value: z.union([z.number(), z.string()]).optional().openapi({
      description: 'Revenue. Decimal with up to 6 places, exact. Never summed across currencies.',
      example: 49.9,
    }),
    currency: z.string().optional().openapi({ description: 'Currency of `value`.', example: 'EUR' }),
    context: contextSchema.optional(),
    properties: z
      .record(z.string(), z.unknown())
      .optional()
      .openapi({ description: 'Whatever else describes the event.', example: { plan: 'pro', items: 3 } }),
  })
  .openapi('EventInput', {
    description:
      'An event as sent. The flat and the nested shape of other platforms are understood as well, and mixtures; fields that are not known go to `properties`. See the page "Event shapes" of the documentation.',
    example: {
      type: 'page_view',
      user_id: 'u_1842',
      context: { country: 'DE', page: '/checkout' },
      properties: { plan: 'pro' },
    },
  });

const REASON_CODES = Object.keys(REASONS) as [ReasonCode, ...ReasonCode[]];

/** One event of a request that was not accepted. */
export const rejectedEventSchema = z
  .object({
    index: z.number().int().openapi({ description: 'Which event of the request, from 0.', example: 2 }),
    id: z
      .string()
      .nullable()
      .openapi({ description: 'Its id, as far as one could be read.', example: 'evt-3' }),
    code: z.enum(REASON_CODES).openapi({ example: 'too_old' }),
    message: z.string().openapi({ example: REASONS.too_old.message }),
  })
  .openapi('RejectedEvent');

/** Why events are refused, by the platform itself. */
export type RejectedReason = z.infer<typeof rejectedEventSchema>['code'];

/** Answer to collected events. */
export const collectAnswerSchema = z
  .object({
    accepted: z.number().int().openapi({ description: 'Events that are now durable.', example: 2 }),
    position: positionSchema.nullable().openapi({
      description: 'Where in the raw log the request was written; null if it held no events at all.',
      example: '48211',
    }),
    rejected: z
      .array(rejectedEventSchema)
      .openapi({ description: 'One entry an event that will not be stored. The others are not affected.' }),
  })
  .openapi('CollectAnswer', {
    description: 'Sent once the events are durable: they survive a power loss from here on.',
  });

/** A stored event as the API gives it. */
export const storedEventSchema = z
  .object({
    id: z.string().openapi({ example: '5f2c1a7e-9f0b-4c35-8a2e-6f0d3b1c9e77' }),
    timestamp: instantSchema,
    received_at: instantSchema,
    type: z.string().openapi({ example: 'page_view' }),
    source: z.string().optional(),
    version: z.string().optional(),
    user_id: z.string().optional().openapi({ example: 'u_1842' }),
    session_id: z.string().optional(),
    context: contextSchema.optional(),
    value: z.number().optional().openapi({ example: 49.9 }),
    currency: z.string().optional().openapi({ example: 'EUR' }),
    properties: z.record(z.string(), z.unknown()).openapi({ example: { plan: 'pro' } }),
    position: positionSchema,
  })
  .openapi('StoredEvent', { description: 'A stored event. Fields that are empty are left out.' });

/** See `storedEventSchema`. */
export type StoredEvent = z.infer<typeof storedEventSchema>;
