import { z } from '@hono/zod-openapi';

import {
  answerShape,
  asOfInputSchema,
  axisShape,
  bySchema,
  explainSchema,
  filterSchema,
  groupShape,
  INTERVAL_CHOICES,
  QUERY_LIMITS,
  rangeSchema,
  selectorSchema,
  timeZoneSchema,
} from './question.ts';

/** Revenue: money, orders and buyers, one series a currency. */
export const revenueRequestSchema = z
  .strictObject({
    kind: z.literal('revenue'),
    events: selectorSchema.openapi({
      description:
        'Events whose `value` is money that came in (above zero) or went back (below). Must be named: a cart often has a value too.',
      example: 'purchase',
    }),
    filter: filterSchema.optional(),
    by: bySchema,
    top: z.number().int().min(1).max(QUERY_LIMITS.topMax).default(10).openapi({
      description:
        'With `by`: so many groups with the most orders, whatever their currency, are named; all others are one group `other`.',
    }),
    interval: z.enum(INTERVAL_CHOICES).default('auto').openapi({
      description: 'Width of the buckets. `total`: one bucket. `auto`: the finest with at most 120 buckets.',
      example: '1d',
    }),
    range: rangeSchema.default('last 30 days'),
    timezone: timeZoneSchema,
    as_of: asOfInputSchema,
    explain: explainSchema,
  })
  .openapi('RevenueRequest', {
    example: { kind: 'revenue', events: 'purchase', by: ['country'], interval: '1d', range: 'last 30 days' },
  });
export type RevenueRequest = z.infer<typeof revenueRequestSchema>;

const money = z.number().openapi({ example: 2990.5 });
const count = z.number().int().openapi({ example: 41 });
const average = z.number().nullable().openapi({ example: 72.93 });

/** What is told of a stretch of time. */
const figuresShape = {
  revenue: money.openapi({ description: '`gross` less `refunded`.' }),
  gross: money.openapi({ description: 'Sum of the values above zero.' }),
  refunded: money.openapi({ description: 'Sum of the values below zero, as a number above it.' }),
  orders: count.openapi({ description: 'Events with a value above zero.' }),
  refunds: count.openapi({ description: 'Events with a value below zero.' }),
  buyers: count.openapi({ description: 'Distinct users with an order.' }),
  average_order: average.openapi({ description: '`gross` an order. Null without orders.' }),
  arpu: average.openapi({ description: '`revenue` an active user. Null without active users.' }),
  arppu: average.openapi({ description: '`revenue` a buyer. Null without buyers.' }),
} as const;

/** Names of the figures. */
export type RevenueFigure = keyof typeof figuresShape;

const figuresSchema = z.object(figuresShape).openapi('RevenueFigures');
export type RevenueFigures = z.infer<typeof figuresSchema>;

const columnsSchema = z
  .object({
    revenue: z.array(money),
    gross: z.array(money),
    refunded: z.array(money),
    orders: z.array(count),
    refunds: z.array(count),
    buyers: z.array(count),
    average_order: z.array(average),
    arpu: z.array(average),
    arppu: z.array(average),
  })
  .openapi('RevenueColumns', { description: 'Each figure, one entry a bucket.' });

const seriesSchema = z
  .object({
    ...groupShape,
    currency: z
      .string()
      .nullable()
      .openapi({ description: 'Null: values without a currency.', example: 'EUR' }),
    active_users: count.openapi({
      description: 'Distinct users of the group in the range, buyers or not: the divisor of `arpu`.',
    }),
    total: figuresSchema.openapi({
      description: 'Over the whole range, measured anew: a buyer of two buckets is one buyer.',
    }),
    revenue_exact: z
      .string()
      .openapi({ description: '`total.revenue` as exact decimal text.', example: '2990.500000' }),
    values: columnsSchema,
  })
  .openapi('RevenueSeries');
export type RevenueSeries = z.infer<typeof seriesSchema>;

/** Answer to a question for revenue. */
export const revenueAnswerSchema = z
  .object({
    kind: z.literal('revenue'),
    ...answerShape,
    ...axisShape,
    series: z.array(seriesSchema).openapi({
      description:
        'Currency by currency, in each the largest revenue first, `other` last. Empty when nothing with a value was found.',
    }),
  })
  .openapi('RevenueAnswer');
export type RevenueAnswer = z.infer<typeof revenueAnswerSchema>;
