import { z } from '@hono/zod-openapi';

import { instantParameterSchema, instantSchema, positionSchema } from './common.ts';

/** Query string of `GET /api/positions`. */
export const positionQuerySchema = z.strictObject({
  at: instantParameterSchema.optional().openapi({
    description:
      'A time: the position that holds everything received before it, and nothing after. The latest that can be told if absent. Without a zone it is read in `timezone`.',
    example: '2026-11-01T00:00:00Z',
  }),
  timezone: z.string().max(64).default('UTC').openapi({
    description: 'IANA name: of what `at` means where it names no zone.',
    example: 'Europe/Berlin',
  }),
});
export type PositionQuery = z.infer<typeof positionQuerySchema>;

/** Answer to `GET /api/positions`. */
export const positionAnswerSchema = z
  .object({
    position: positionSchema.nullable().openapi({
      description: 'Send it as `as_of`. Null: nothing was received yet.',
    }),
    at: instantSchema.nullable().openapi({
      description:
        'Everything received before this instant is at or before the position, everything else behind it. It is the time that was asked for, or shortly before it where several commits around that time were decided as one; whole minutes are always met exactly.',
    }),
    earliest: instantSchema.nullable().openapi({ description: 'The first time that can be told.' }),
    latest: instantSchema.nullable().openapi({
      description: 'The last one: everything that was received before it is loaded.',
    }),
  })
  .openapi('PositionAnswer');
export type PositionAnswer = z.infer<typeof positionAnswerSchema>;
