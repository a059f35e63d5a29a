import { z } from '@hono/zod-openapi';

import {
  activityShape,
  completeSchema,
  countsSchema,
  PERIOD_LIMITS,
  periodSchema,
  startsSchema,
} from './periods.ts';
import { answerShape, asOfInputSchema, explainSchema, timeZoneSchema } from './question.ts';

/** Stickiness: how regularly people come. */
export const stickinessRequestSchema = z
  .strictObject({
    kind: z.literal('stickiness'),
    ...activityShape,
    windows: z
      .array(z.number().int().min(2).max(PERIOD_LIMITS.windowMax))
      .min(1)
      .max(PERIOD_LIMITS.windowsMax)
      .optional()
      .openapi({
        description:
          'Lengths of trailing windows, in periods: days and 7 give DAU/WAU, days and 30 DAU/MAU. If absent 7 and 30 for days, 4 for weeks, 3 for months.',
        example: [7, 30],
      }),
    timezone: timeZoneSchema,
    as_of: asOfInputSchema,
    explain: explainSchema,
  })
  .openapi('StickinessRequest', {
    example: { kind: 'stickiness', period: 'day', range: 'last 30 days', timezone: 'Europe/Berlin' },
  });
export type StickinessRequest = z.infer<typeof stickinessRequestSchema>;

const ratios = (description: string, example: (number | null)[]) =>
  z.array(z.number().nullable()).openapi({ description, example });

const windowSchema = z
  .object({
    periods: z.number().int().openapi({ description: 'Length of the window in periods.', example: 7 }),
    active: countsSchema(
      'Actors active in the period or one of those before it that make up the window, before the range too.',
      [80, 82, 85],
    ),
    ratios: ratios(
      '`active` of the period / `active` of its window; null without anybody.',
      [0.5, 0.49, 0.2],
    ),
    ratio: z.number().nullable().openapi({
      description:
        'Over the periods that are over: the sum of those active / the sum of those of the windows. Null without anybody.',
      example: 0.495,
    }),
  })
  .openapi('StickinessWindow');

/** Answer to a question about stickiness. */
export const stickinessAnswerSchema = z
  .object({
    kind: z.literal('stickiness'),
    ...answerShape,
    period: periodSchema,
    starts: startsSchema,
    complete: completeSchema,
    active: countsSchema('Actors active in each period.', [40, 40, 17]),
    actors: z.number().int().openapi({ description: 'Actors active in the range.', example: 70 }),
    histogram: z
      .object({
        exactly: countsSchema('Actors active in exactly 1, 2, 3, … periods of the range.', [45, 23, 2]),
        at_least: countsSchema('Actors active in at least 1, 2, 3, … periods of the range.', [70, 25, 2]),
        shares: ratios('`at_least` / `actors`; null without anybody.', [1, 0.357, 0.029]),
        mean: z.number().nullable().openapi({
          description: 'Periods that an actor was active in, on average. Null without anybody.',
          example: 1.39,
        }),
      })
      .openapi({
        description: 'By how many periods actors were active in. One number a period of the range.',
      }),
    windows: z.array(windowSchema),
  })
  .openapi('StickinessAnswer');
export type StickinessAnswer = z.infer<typeof stickinessAnswerSchema>;
