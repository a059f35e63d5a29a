import { z } from '@hono/zod-openapi';

import {
  actorSchema,
  answerShape,
  asOfInputSchema,
  durationSchema,
  explainSchema,
  fieldSchema,
  filterSchema,
  rangeSchema,
  selectorSchema,
  timeZoneSchema,
} from './question.ts';

/** The limits of one question for an experiment. */
export const EXPERIMENT_LIMITS = {
  variantsMax: 20,
  /** Exposures, and goal events, of one actor. */
  eventsMax: 10_000,
  windowMax: '366d',
  /** Below this probability the split is not the one that was meant. */
  sampleRatioAlarm: 0.001,
} as const;

/** What is measured of each actor. */
export const EXPERIMENT_MEASURES = ['conversion', 'count', 'sum'] as const;

/** An experiment: what differs between those who saw one variant and those who saw another. */
export const experimentRequestSchema = z
  .strictObject({
    kind: z.literal('experiment'),
    exposure: selectorSchema.openapi({
      description: 'The events that say that somebody saw a variant. Those in the range count.',
      example: 'experiment_seen',
    }),
    variant: fieldSchema.openapi({
      description:
        'The field of these events that names the variant. Where it is absent the event is no exposure.',
      example: 'properties.variant',
    }),
    goal: selectorSchema.openapi({
      description: 'What they are hoped to do afterwards.',
      example: 'purchase',
    }),
    measure: z.enum(EXPERIMENT_MEASURES).default('conversion').openapi({
      description:
        'Of each actor: whether there was a goal event (`conversion`), how many (`count`), or the sum of `of` over them (`sum`).',
    }),
    of: fieldSchema.optional().openapi({
      description: 'With `sum`: `value`, or a numeric property. Goal events without a number count as 0.',
      example: 'value',
    }),
    currency: z.string().length(3).optional().openapi({
      description: 'With `sum` of `value`: the currency. Values in another do not count.',
      example: 'EUR',
    }),
    window: durationSchema.default('14d').openapi({
      description: `So long after the first exposure goal events count, also behind the range; both ends included. At most ${EXPERIMENT_LIMITS.windowMax}.`,
      example: '14d',
    }),
    control: z.string().max(200).optional().openapi({
      description: 'The variant that the others are compared with. The first by name if absent.',
      example: 'a',
    }),
    split: z
      .record(z.string().max(200), z.number().positive())
      .optional()
      .openapi({
        description: 'How actors were meant to be shared out, in any unit. Equally if absent.',
        example: { a: 50, b: 50 },
      }),
    confidence: z
      .union([z.literal(0.9), z.literal(0.95), z.literal(0.99)])
      .default(0.95)
      .openapi({
        description: 'Of the intervals. A difference is `significant` when its interval leaves out 0.',
      }),
    actor: actorSchema,
    filter: filterSchema.optional(),
    range: rangeSchema.default('last 30 days'),
    timezone: timeZoneSchema,
    as_of: asOfInputSchema,
    explain: explainSchema,
  })
  .openapi('ExperimentRequest', {
    example: {
      kind: 'experiment',
      exposure: 'experiment_seen',
      variant: 'properties.variant',
      goal: 'purchase',
      range: 'last 30 days',
    },
  });
export type ExperimentRequest = z.infer<typeof experimentRequestSchema>;

const number = z.number().nullable().openapi({ example: 0.042 });

const intervalSchema = z.object({ low: z.number(), high: z.number() }).nullable();

const variantSchema = z
  .object({
    variant: z.string().openapi({ example: 'b' }),
    is_control: z.boolean(),
    actors: z.number().int().openapi({ description: 'Who saw this variant and no other.', example: 5012 }),
    converted: z
      .number()
      .int()
      .openapi({ description: 'Of these, with at least one goal event.', example: 241 }),
    mean: z.number().openapi({
      description: 'Of the measure, over all its actors. For `conversion` the rate.',
      example: 0.0481,
    }),
    deviation: number.openapi({
      description: 'Standard deviation of a sample. Null for fewer than two actors.',
    }),
    interval: intervalSchema.openapi({
      description:
        'Of the mean: by Wilson for `conversion`, by Student otherwise. Null for fewer than two actors.',
    }),
    compared: z
      .object({
        difference: z.number().openapi({ description: 'Mean less that of the control.', example: 0.0061 }),
        interval: intervalSchema.openapi({ description: 'Of the difference, by Welch.' }),
        relative: number.openapi({
          description: 'Difference by the mean of the control. Null where that is 0.',
        }),
        p_value: number.openapi({
          description:
            'How likely a difference at least as large is if there is none (Welch, two-sided). Null when nothing varies, or for fewer than two actors.',
        }),
        significant: z.boolean().openapi({ description: 'Whether `p_value` is below 1 - `confidence`.' }),
      })
      .nullable()
      .openapi({ description: 'Null for the control.' }),
  })
  .openapi('ExperimentVariant');
export type ExperimentVariant = z.infer<typeof variantSchema>;

/** Answer to a question for an experiment. */
export const experimentAnswerSchema = z
  .object({
    kind: z.literal('experiment'),
    ...answerShape,
    variants: z.array(variantSchema).openapi({ description: 'The control first, the others by name.' }),
    mixed: z.number().int().openapi({
      description: 'Actors who saw more than one variant. They are left out.',
      example: 0,
    }),
    sample_ratio: z
      .object({
        p_value: z.number().openapi({
          description:
            'How likely a split at least as far from the one that was meant is by chance (chi-square).',
          example: 0.61,
        }),
        ok: z.boolean().openapi({
          description: `False below ${EXPERIMENT_LIMITS.sampleRatioAlarm}: then exposures are lost or shared out otherwise than meant, and no difference can be trusted.`,
        }),
      })
      .nullable()
      .openapi({ description: 'Null for fewer than two variants.' }),
  })
  .openapi('ExperimentAnswer');
export type ExperimentAnswer = z.infer<typeof experimentAnswerSchema>;
