import { z } from '@hono/zod-openapi';

import { activityShape, completeSchema, countsSchema, periodSchema, startsSchema } from './periods.ts';
import { answerShape, asOfInputSchema, durationSchema, explainSchema, timeZoneSchema } from './question.ts';

/** Lifecycle: who is new, stays, comes back, goes. */
export const lifecycleRequestSchema = z
  .strictObject({
    kind: z.literal('lifecycle'),
    ...activityShape,
    look_back: durationSchema.optional().openapi({
      description:
        'How far before the range somebody may have been active and is not new. All of the history of the project if absent; giving one makes the question cheaper. The period before the range is always looked at.',
      example: '90d',
    }),
    timezone: timeZoneSchema,
    as_of: asOfInputSchema,
    explain: explainSchema,
  })
  .openapi('LifecycleRequest', {
    example: { kind: 'lifecycle', period: 'week', range: 'last 12 weeks', timezone: 'Europe/Berlin' },
  });
export type LifecycleRequest = z.infer<typeof lifecycleRequestSchema>;

/** Answer to a question about the lifecycle. */
export const lifecycleAnswerSchema = z
  .object({
    kind: z.literal('lifecycle'),
    ...answerShape,
    period: periodSchema,
    starts: startsSchema,
    complete: completeSchema,
    actors: z
      .object({
        new: countsSchema('Active in the period, and never before.', [40, 12, 9]),
        returning: countsSchema('Active in the period and in the one before it.', [0, 30, 33]),
        resurrecting: countsSchema('Active in the period, not in the one before it, but earlier.', [0, 0, 4]),
        dormant: countsSchema(
          'Not active in the period, but in the one before it. In a running period: not yet.',
          [0, 10, 9],
        ),
        active: countsSchema('New, returning and resurrecting.', [40, 42, 46]),
      })
      .openapi({ description: 'One number a period.' }),
  })
  .openapi('LifecycleAnswer');
export type LifecycleAnswer = z.infer<typeof lifecycleAnswerSchema>;
