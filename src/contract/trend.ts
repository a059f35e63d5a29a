import { z } from '@hono/zod-openapi';

import { instantSchema } from './common.ts';
import {
  answerShape,
  asOfInputSchema,
  axisShape,
  bySchema,
  COUNTED_SOURCES,
  explainSchema,
  filterSchema,
  groupShape,
  instantInputSchema,
  INTERVAL_CHOICES,
  measureSchema,
  QUERY_LIMITS,
  rangeSchema,
  READ_SOURCES,
  timeZoneSchema,
  typesSchema,
} from './question.ts';

/** Letters by which formulas name series, in the order of `series`. */
export const SERIES_LETTERS = ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J'] as const;

/** Periods that `compare` knows by name. */
export const COMPARED_PERIODS = [
  'previous_period',
  'previous_day',
  'previous_week',
  'previous_month',
  'previous_year',
] as const;

/** Characters of the name of a series or of a formula. */
const NAME_MAX = 200;
const nameSchema = z.string().min(1).max(NAME_MAX).optional();

/** A series of several. */
export const requestedSeriesSchema = z
  .strictObject({
    name: nameSchema.openapi({ description: 'What the series is called. Its letter if absent.' }),
    measure: measureSchema.default('count'),
    types: typesSchema,
    filter: filterSchema.optional(),
    hidden: z
      .boolean()
      .default(false)
      .openapi({ description: 'Measured for the formulas only; not in the answer.' }),
  })
  .openapi('RequestedSeries', {
    example: { name: 'Buyers', measure: 'unique_users', types: ['purchase'] },
  });

const formulaTextSchema = z
  .string()
  .min(1)
  .max(QUERY_LIMITS.formulaTextMax)
  .openapi({ description: '`+ - * /`, parentheses, numbers, letters of series.', example: '100 * A / B' });

/** A series that is computed from others. */
export const formulaSchema = z
  .union([formulaTextSchema, z.strictObject({ name: nameSchema, formula: formulaTextSchema })])
  .openapi('Formula', { example: '100 * A / B' });

/** What a trend is compared with. */
export const compareSchema = z
  .union([
    z.enum(COMPARED_PERIODS),
    z.strictObject({
      to: instantInputSchema.openapi({
        description: 'Where the other period begins.',
        example: '2025-11-28',
      }),
    }),
  ])
  .openapi({
    description:
      'Measures the same over another period, aligned bucket by bucket: `previous_period` is as long and ends where the range begins; the others are a day, a week, a month or a year earlier on the calendar of `timezone`.',
    example: 'previous_week',
  });

/** A moving average. */
export const smoothSchema = z
  .strictObject({ moving_average: z.number().int().min(2).max(QUERY_LIMITS.movingAverageMax) })
  .optional()
  .openapi({
    description:
      'Shows the mean of so many buckets, the last of them the one shown; nulls are left out. The first buckets, which have fewer before them, are null.',
    example: { moving_average: 7 },
  });

/** A trend: a measure over time. */
export const trendRequestSchema = z
  .strictObject({
    kind: z.literal('trend'),
    measure: measureSchema.default('count'),
    types: typesSchema,
    filter: filterSchema.optional(),
    by: bySchema,
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
    source: z
      .enum(['auto', ...COUNTED_SOURCES])
      .default('auto')
      .openapi({
        description:
          '`auto` counts from whatever answers exactly and has the fewest rows to read. `events` counts the raw events even where a rollup answers the same, a rollup that one; it is refused where the rollup would not answer the same.',
      }),
    series: z.array(requestedSeriesSchema).min(1).max(QUERY_LIMITS.seriesMax).optional().openapi({
      description:
        'Several series, named A, B, C and so on by formulas, instead of `measure`. `types` and `filter` of the request hold for all of them. With `by`, the first chooses the groups.',
    }),
    formula: z
      .array(formulaSchema)
      .min(1)
      .max(QUERY_LIMITS.seriesMax)
      .optional()
      .openapi({
        description:
          'Further series, computed from the others group by group and bucket by bucket. Where a number is missing, or divided by zero, the result is null.',
        example: ['100 * A / B'],
      }),
    window: z.string().max(NAME_MAX).optional().openapi({
      description:
        'A sliding window: each bucket shows the measure over so much time up to its end (`interval` is the step). A multiple of `interval`, for example `5m` with `30s`, `7d` with `1d`, `3M` with `1M`.',
      example: '5m',
    }),
    cumulative: z.boolean().default(false).openapi({
      description:
        'Each bucket shows the measure over everything from the beginning of the range to its end: running sums, running distinct counts.',
    }),
    per: z.enum(['active_user']).optional().openapi({
      description:
        'Divides by the distinct `user_id` with any event (that meets the `filter` of the request) in the bucket, and in the group with `by`. Null where there are none.',
    }),
    smooth: smoothSchema,
    compare: compareSchema.optional(),
    as_of: asOfInputSchema,
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
export type RequestedSeries = z.infer<typeof requestedSeriesSchema>;
export type Formula = z.infer<typeof formulaSchema>;
export type Compare = z.infer<typeof compareSchema>;

const comparedSeriesSchema = z
  .object({
    total: z.number().nullable().openapi({
      description: 'Over the whole other period, also the part of it that no bucket stands beside.',
      example: 48,
    }),
    total_exact: z.string().optional(),
    values: z.array(z.number().nullable()).openapi({
      description: 'One a bucket of the trend; null where none of the other period stands beside it.',
      example: [10, 3, 35],
    }),
  })
  .openapi('ComparedSeries');

/** A series of an answer. */
export const seriesSchema = z
  .object({
    id: z.string().optional().openapi({
      description: 'Requests with `series` or `formula`: the letter, or `formula_1` and so on.',
      example: 'A',
    }),
    name: z.string().optional().openapi({
      description: 'With `id`: the name of the request, else the letter or the formula.',
      example: 'Buyers',
    }),
    source: z
      .enum(READ_SOURCES)
      .optional()
      .openapi({ description: 'With `id`, not for formulas: what this series was counted from.' }),
    ...groupShape,
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
    compared: comparedSeriesSchema
      .optional()
      .openapi({ description: 'With `compare`: the same series over the other period.' }),
  })
  .openapi('TrendSeries');
export type TrendSeries = z.infer<typeof seriesSchema>;

/** The other period of a comparison. */
export const comparedPeriodSchema = z
  .object({
    from: instantSchema,
    to: instantSchema,
    buckets: z.array(z.string().nullable()).openapi({
      description: 'The bucket of the other period beside each of the trend, by its beginning.',
      example: ['2026-11-13T13:00:00+01:00', '2026-11-13T13:01:00+01:00', '2026-11-13T13:02:00+01:00'],
    }),
  })
  .optional()
  .openapi({ description: 'With `compare`: the other period.' });

/** Answer to a trend. */
export const trendAnswerSchema = z
  .object({
    kind: z.literal('trend'),
    ...answerShape,
    ...axisShape,
    compared: comparedPeriodSchema,
    series: z.array(seriesSchema).openapi({
      description:
        'In the order of the request, formulas behind; of each, currency by currency, the largest total first, `other` last.',
    }),
  })
  .openapi('TrendAnswer');
export type TrendAnswer = z.infer<typeof trendAnswerSchema>;
