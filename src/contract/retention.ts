import { z } from '@hono/zod-openapi';

import { PERIOD_LIMITS, periodSchema, WHOLE_PERIODS } from './periods.ts';
import {
  actorSchema,
  answerShape,
  asOfInputSchema,
  bySchema,
  explainSchema,
  filterSchema,
  groupShape,
  QUERY_LIMITS,
  rangeSchema,
  selectorSchema,
  timeZoneSchema,
} from './question.ts';

/** Retention: who comes back. */
export const retentionRequestSchema = z
  .strictObject({
    kind: z.literal('retention'),
    start: selectorSchema.default({}).openapi({
      description: 'The event that puts somebody into a cohort. Every event if absent.',
      example: 'signup',
    }),
    return: selectorSchema.default({}).openapi({
      description: 'The event that counts as coming back. Every event if absent.',
      example: 'purchase',
    }),
    filter: filterSchema.optional().openapi({
      description: 'Only events for which it holds, start and return alike.',
    }),
    actor: actorSchema,
    period: periodSchema,
    periods: z.number().int().min(1).max(PERIOD_LIMITS.followedMax).default(7).openapi({
      description:
        'For so many periods after its own a cohort is followed. Period 0 is its own, so there is one value more.',
    }),
    mode: z.enum(['n_day', 'unbounded', 'rolling']).default('n_day').openapi({
      description:
        '`n_day`: came back in exactly that period. `unbounded`: in that period or any later one, up to now. `rolling` is another name of `unbounded`.',
    }),
    cohorts: z.enum(['first_ever', 'first_in_range', 'recurring']).default('first_ever').openapi({
      description:
        '`first_ever`: the period of the first start event of all time, for those who had it in the range. `first_in_range`: that of the first start event in the range, whatever was before. `recurring`: every period with a start event, so that one actor may be in several cohorts.',
    }),
    by: bySchema.openapi({
      description:
        'Break down by one or two fields of the start event: the one that put the actor into the cohort, the first of the period.',
      example: ['country'],
    }),
    top: z.number().int().min(1).max(QUERY_LIMITS.topMax).default(10).openapi({
      description:
        'With `by`: so many groups with the largest cohorts, all together, are named; all others are one group `other`.',
    }),
    range: rangeSchema.default('last 14 days').openapi({
      description: `When the start events were. ${WHOLE_PERIODS} Returns are looked for behind it, too.`,
      example: 'last 14 days',
    }),
    timezone: timeZoneSchema,
    as_of: asOfInputSchema,
    explain: explainSchema,
  })
  .openapi('RetentionRequest', {
    example: {
      kind: 'retention',
      start: 'signup',
      return: { types: ['purchase'] },
      period: 'week',
      periods: 8,
      range: 'last 12 weeks',
      timezone: 'Europe/Berlin',
    },
  });
export type RetentionRequest = z.infer<typeof retentionRequestSchema>;

const cohortSchema = z
  .object({
    start: z.string().openapi({
      description: 'Where the period of the cohort begins, local time with offset.',
      example: '2026-11-02T00:00:00+01:00',
    }),
    complete: z.boolean().openapi({
      description: 'Whether that period is over. While it is not, the cohort still grows.',
    }),
    size: z.number().int().openapi({ description: 'Actors of the cohort.', example: 200 }),
    counts: z.array(z.number().int().nullable()).openapi({
      description: 'How many of them came back, by period. Null where the period is not over.',
      example: [200, 90, null],
    }),
    rates: z.array(z.number().nullable()).openapi({
      description: '`counts` / `size`. Null where the period is not over, and in cohorts of nobody.',
      example: [1, 0.45, null],
    }),
    running: z
      .object({ period: z.number().int(), count: z.number().int() })
      .nullable()
      .openapi({
        description:
          'The period that is under way and how many came back so far; periods behind it lie in the future. Null when all are over.',
        example: { period: 2, count: 31 },
      }),
  })
  .openapi('RetentionCohort');
export type RetentionCohort = z.infer<typeof cohortSchema>;

const seriesSchema = z
  .object({
    ...groupShape,
    size: z
      .number()
      .int()
      .openapi({ description: 'The sizes of all its cohorts, added up.', example: 1_260 }),
    cohorts: z.array(cohortSchema).openapi({ description: 'One a period of the range, empty ones too.' }),
    average: z
      .object({
        sizes: z.array(z.number().int()).openapi({
          description: 'Actors of the cohorts for which the period is over: what the rate is a share of.',
          example: [1_260, 1_060, 900],
        }),
        rates: z.array(z.number().nullable()).openapi({
          description: 'Null where no cohort with anybody in it has come so far.',
          example: [1, 0.44, 0.31],
        }),
      })
      .openapi({ description: 'Over all cohorts, by period, weighted by their sizes.' }),
  })
  .openapi('RetentionSeries');
export type RetentionSeries = z.infer<typeof seriesSchema>;

/** Answer to a question about retention. */
export const retentionAnswerSchema = z
  .object({
    kind: z.literal('retention'),
    ...answerShape,
    period: periodSchema,
    periods: z.number().int().openapi({ description: 'Of each row, its own not counted.', example: 8 }),
    mode: z.enum(['n_day', 'unbounded']),
    cohorts: z.enum(['first_ever', 'first_in_range', 'recurring']),
    series: z.array(seriesSchema).openapi({
      description: 'One without `by`; with it one a group, the largest first, `other` last.',
    }),
  })
  .openapi('RetentionAnswer');
export type RetentionAnswer = z.infer<typeof retentionAnswerSchema>;
