import { z } from '@hono/zod-openapi';

import {
  answerShape,
  explainSchema,
  fieldSchema,
  filterSchema,
  INTERVAL_CHOICES,
  INTERVALS,
  measureSchema,
  QUERY_LIMITS,
  rangeSchema,
  timeZoneSchema,
  typesSchema,
} from './question.ts';

/** A trend: a measure over time. */
export const trendRequestSchema = z
  .strictObject({
    kind: z.literal('trend'),
    measure: measureSchema.default('count'),
    types: typesSchema,
    filter: filterSchema.optional(),
    by: z
      .array(fieldSchema)
      .min(1)
      .max(QUERY_LIMITS.byMax)
      .optional()
      .openapi({ description: 'Break down by one or two fields.', example: ['country'] }),
    top: z.number().int().min(1).max(QUERY_LIMITS.topMax).default(10).openapi({
      description:
        'With `by`: so many groups with the largest totals are named (in each currency); all others are one group `other`, measured exactly.',
    }),
    interval: z.enum(INTERVAL_CHOICES).default('auto').openapi({
      description:
        'Width of the buckets. `total`: one number a series. `auto`: the finest with at most 120 buckets.',
      example: '1m',
    }),
    range: rangeSchema.default('last 24 hours'),
    timezone: timeZoneSchema,
    source: z.enum(['auto', 'events']).default('auto').openapi({
      description:
        '`events` counts the raw events even where the rollup answers the same: to compare the two.',
    }),
    explain: explainSchema,
  })
  .openapi('TrendRequest', {
    example: {
      kind: 'trend',
      measure: 'unique_users',
      types: ['page_view'],
      by: ['country'],
      top: 5,
      interval: '1m',
      range: 'last 30 minutes',
      timezone: 'Europe/Berlin',
    },
  });
export type TrendRequest = z.infer<typeof trendRequestSchema>;

const seriesSchema = z
  .object({
    group: z
      .record(z.string(), z.string().nullable())
      .nullable()
      .openapi({
        description:
          'The fields of `by` and their values (null: absent). Null for `other`, and without `by`.',
        example: { country: 'DE' },
      }),
    other: z.boolean().openapi({ description: 'All groups that are not named, together.' }),
    currency: z.string().nullable().optional().openapi({
      description:
        'Measures of `value` only: the currency (null: events with a value but without a currency).',
      example: 'EUR',
    }),
    total: z.number().nullable().openapi({
      description:
        'The measure over the whole range (not the sum of the buckets: a user of two buckets is one user).',
      example: 61,
    }),
    total_exact: z.string().optional().openapi({
      description: 'Sum, min and max of `value`: the total as exact decimal text.',
      example: '9747747.934',
    }),
    values: z.array(z.number().nullable()).openapi({
      description: 'One a bucket. Empty buckets are 0 for counts and sums, null otherwise.',
      example: [12, 0, 49],
    }),
  })
  .openapi('TrendSeries');
export type TrendSeries = z.infer<typeof seriesSchema>;

/** Answer to a trend. */
export const trendAnswerSchema = z
  .object({
    kind: z.literal('trend'),
    ...answerShape,
    interval: z.enum([...INTERVALS, 'total']).openapi({ example: '1m' }),
    buckets: z.array(z.string()).openapi({
      description: 'Where each bucket begins, local time with offset. A bucket ends where the next begins.',
      example: ['2026-11-20T13:00:00+01:00', '2026-11-20T13:01:00+01:00', '2026-11-20T13:02:00+01:00'],
    }),
    incomplete: z
      .object({ first: z.boolean(), last: z.boolean() })
      .openapi({ description: 'Whether the range covers only a part of the first and of the last bucket.' }),
    series: z.array(seriesSchema).openapi({ description: 'Largest total first, `other` last.' }),
  })
  .openapi('TrendAnswer');
export type TrendAnswer = z.infer<typeof trendAnswerSchema>;
