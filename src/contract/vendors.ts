import { z } from '@hono/zod-openapi';

import { rejectedEventSchema } from './event.ts';

/** What clients of other platforms send and are answered: as much of it as is common to all of them. `docs/drop-in.md` has the rest. */

const rejected = z.array(rejectedEventSchema).optional().openapi({
  description: 'One entry an event that will not be stored; left out when there is none.',
});

const segmentEventSchema = z
  .looseObject({
    type: z.enum(['track', 'identify', 'page', 'screen', 'group', 'alias']).optional(),
    messageId: z.string().optional().openapi({ description: 'Becomes the id.', example: 'node-next-1-a' }),
    event: z
      .string()
      .optional()
      .openapi({ description: 'Name of a track call.', example: 'Order Completed' }),
    userId: z.string().optional().openapi({ example: 'u_1842' }),
    anonymousId: z.string().optional(),
    timestamp: z.string().optional().openapi({ example: '2026-11-20T12:00:00.000Z' }),
    properties: z.record(z.string(), z.unknown()).optional(),
    traits: z.record(z.string(), z.unknown()).optional(),
    context: z.record(z.string(), z.unknown()).optional(),
    writeKey: z.string().optional().openapi({ description: 'The key, where no header carries it.' }),
  })
  .openapi('SegmentEvent', { description: "An event as Segment's clients send it." });

/** A body of Segment's clients. */
export const segmentBodySchema = z
  .union([
    z.looseObject({
      batch: z.array(segmentEventSchema),
      writeKey: z.string().optional(),
      sentAt: z.string().optional(),
    }),
    segmentEventSchema,
  ])
  .openapi('SegmentBody');

/** What Segment's clients are answered. */
export const segmentAnswerSchema = z.object({ success: z.literal(true), rejected }).openapi('SegmentAnswer');

const posthogEventSchema = z
  .looseObject({
    event: z.string().openapi({ example: '$pageview' }),
    uuid: z
      .string()
      .optional()
      .openapi({ description: 'Becomes the id.', example: '01a1fc8c-c18e-72cb-a6fd-5a4c9438487c' }),
    distinct_id: z.string().optional().openapi({ example: 'u_1842' }),
    timestamp: z.string().optional().openapi({ example: '2026-11-20T12:00:00.000Z' }),
    properties: z.record(z.string(), z.unknown()).optional(),
  })
  .openapi('PosthogEvent', { description: "An event as PostHog's clients send it." });

/** A body of PostHog's clients. */
export const posthogBodySchema = z
  .union([
    z.looseObject({
      batch: z.array(posthogEventSchema),
      api_key: z.string().optional(),
      sent_at: z.string().optional(),
    }),
    z.array(posthogEventSchema),
    posthogEventSchema,
  ])
  .openapi('PosthogBody');

/** What PostHog's clients are answered. */
export const posthogAnswerSchema = z.object({ status: z.literal(1), rejected }).openapi('PosthogAnswer');

/** What PostHog's newest clients are answered: one result an event. */
export const posthogResultsSchema = z
  .object({
    results: z.record(
      z.string(),
      z.object({ result: z.enum(['ok', 'drop']), details: z.string().optional() }),
    ),
  })
  .openapi('PosthogResults', {
    description: 'By the `uuid` of each event.',
    example: { results: { '01a1fc8c-c18e-72cb-a6fd-5a4c9438487c': { result: 'ok' } } },
  });

/** What a client is told about how it is set up. */
export const vendorSettingsSchema = z
  .record(z.string(), z.unknown())
  .openapi('VendorSettings', { description: 'In the form that the client expects.' });

/** The call that the address names. */
export const segmentCallSchema = z.object({
  call: z.enum(['track', 'identify', 'page', 'screen', 'group', 'alias']).openapi({
    param: { name: 'call', in: 'path' },
    description: 'Its first letter alone does as well.',
  }),
});

/** A key in an address. */
export const vendorKeySchema = z.object({
  key: z
    .string()
    .openapi({ param: { name: 'key', in: 'path' }, description: 'The write key.', example: 'aev_w_0' }),
});
