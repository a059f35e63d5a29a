import { z } from '@hono/zod-openapi';

import {
  answerShape,
  asOfInputSchema,
  bySchema,
  explainSchema,
  fieldSchema,
  filterSchema,
  groupShape,
  rangeSchema,
  selectorSchema,
  timeZoneSchema,
} from './question.ts';

/** The limits of one question for statistics. */
export const STATISTICS_LIMITS = { binsMax: 200, levelsMax: 20, topMax: 100 } as const;

/** Statistics: how the numbers of a field are spread, and how they go with those of another. */
export const statisticsRequestSchema = z
  .strictObject({
    kind: z.literal('statistics'),
    of: fieldSchema.openapi({
      description:
        '`value`, or a property: the number is the JSON number, or a text that is one. Other events count as `missing`.',
      example: 'properties.items',
    }),
    with: fieldSchema.optional().openapi({
      description:
        'Correlate with this one, over the events that have both: `value` or a property, another than `of`.',
      example: 'value',
    }),
    events: selectorSchema.default({}),
    filter: filterSchema.optional(),
    levels: z
      .array(z.number().min(0).max(1))
      .min(1)
      .max(STATISTICS_LIMITS.levelsMax)
      .default([0.25, 0.5, 0.75, 0.9, 0.95, 0.99])
      .openapi({ description: 'Which quantiles: 0.5 is the median.', example: [0.5, 0.95] }),
    bins: z.number().int().min(1).max(STATISTICS_LIMITS.binsMax).default(20).openapi({
      description: 'Bins of the histogram, all equally wide, the same for all groups.',
    }),
    from: z.number().optional().openapi({
      description: 'Where the histogram begins. The least number if absent.',
      example: 0,
    }),
    to: z.number().optional().openapi({
      description: 'Where it ends. The greatest number if absent.',
      example: 100,
    }),
    by: bySchema,
    top: z.number().int().min(1).max(STATISTICS_LIMITS.topMax).default(10).openapi({
      description:
        'With `by`: so many groups with the most numbers are named; all others are one group `other`.',
    }),
    range: rangeSchema.default('last 30 days'),
    timezone: timeZoneSchema,
    as_of: asOfInputSchema,
    explain: explainSchema,
  })
  .openapi('StatisticsRequest', {
    example: { kind: 'statistics', of: 'properties.items', with: 'value', events: 'purchase' },
  });
export type StatisticsRequest = z.infer<typeof statisticsRequestSchema>;

const number = z.number().nullable().openapi({ example: 2.75 });

const seriesSchema = z
  .object({
    ...groupShape,
    currency: z.string().nullable().optional().openapi({
      description: 'Where `of` or `with` is `value`: the currency (null: values without one).',
      example: 'EUR',
    }),
    count: z.number().int().openapi({ description: 'Events with a number.', example: 4 }),
    mean: number,
    deviation: number.openapi({
      description: 'Standard deviation of a sample (divided by count - 1). Null for fewer than two numbers.',
    }),
    min: number,
    max: number,
    sum: number,
    quantiles: z
      .array(z.object({ level: z.number(), value: number }))
      .openapi({ description: 'Within 0.2 % of the true value.' }),
    histogram: z
      .object({
        below: z.number().int().openapi({ description: 'Numbers before the first bin.' }),
        counts: z.array(z.number().int()).openapi({ description: 'Numbers in each bin.' }),
        above: z.number().int().openapi({ description: 'Numbers behind the last bin.' }),
      })
      .openapi({ description: 'Between the `edges` of the answer.' }),
    correlation: z
      .object({
        count: z.number().int().openapi({ description: 'Events with both numbers.' }),
        pearson: number.openapi({
          description: 'Of -1 to 1. Null where one of the two does not vary, or for fewer than two events.',
        }),
        slope: number.openapi({
          description: 'Of the line through the events: change of `with` for each 1 of `of`.',
        }),
        intercept: number.openapi({ description: '`with` of that line where `of` is 0.' }),
      })
      .optional()
      .openapi({ description: 'With `with`.' }),
  })
  .openapi('StatisticsSeries');
export type StatisticsSeries = z.infer<typeof seriesSchema>;

/** Answer to a question for statistics. */
export const statisticsAnswerSchema = z
  .object({
    kind: z.literal('statistics'),
    ...answerShape,
    missing: z.number().int().openapi({
      description: 'Events that were selected and have no number in `of`.',
      example: 0,
    }),
    edges: z.array(z.number()).openapi({
      description:
        'Where the bins begin, and where the last ends: one more than bins. A number on an edge is in the bin that begins there, but for the last, which holds its end. Empty without numbers. Where all numbers are equal there is one bin.',
      example: [1, 2, 3],
    }),
    series: z
      .array(seriesSchema)
      .openapi({ description: 'Most numbers first, `other` last; currency by currency.' }),
  })
  .openapi('StatisticsAnswer');
export type StatisticsAnswer = z.infer<typeof statisticsAnswerSchema>;
