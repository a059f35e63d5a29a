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

/** How the credit for a conversion is shared among the touches before it. */
export const ATTRIBUTION_MODELS = ['first', 'last', 'linear', 'time_decay', 'position', 'markov'] as const;
export type AttributionModel = (typeof ATTRIBUTION_MODELS)[number];

/** The limits of one question for attribution. */
export const ATTRIBUTION_LIMITS = {
  /** Channels that are named. The removal effect is computed for each, so there are fewer than groups of a trend. */
  topMax: 50,
  /** Touches, and conversions, of one actor. */
  eventsMax: 10_000,
  /** Touches times conversions of one actor: each conversion looks at each touch. */
  pairsMax: 500_000,
  lookbackMax: '366d',
} as const;

/** Attribution: which channels brought the conversions. */
export const attributionRequestSchema = z
  .strictObject({
    kind: z.literal('attribution'),
    conversion: selectorSchema.openapi({
      description: 'What is brought about. Conversions count where they lie in the range.',
      example: 'purchase',
    }),
    channel: fieldSchema.openapi({
      description: 'The field that names the channel of a touch. Events where it is absent are no touches.',
      example: 'properties.utm_source',
    }),
    touches: selectorSchema.default({}).openapi({
      description: 'Which events with a channel are touches. All if absent.',
    }),
    filter: filterSchema.optional(),
    models: z
      .array(z.enum(ATTRIBUTION_MODELS))
      .min(1)
      .max(ATTRIBUTION_MODELS.length)
      .default(['last'])
      .openapi({
        description:
          'How credit is shared: all to the `first` or `last` touch; `linear`: equally; `time_decay`: half as much for each `half_life` before the conversion; `position`: 40 % each to the first and last, the rest equally to those between; `markov`: by what would be lost without the channel (removal effect).',
        example: ['first', 'last', 'markov'],
      }),
    lookback: durationSchema.default('30d').openapi({
      description: 'Touches count that lie at most so long before the conversion. At most 366d.',
      example: '30d',
    }),
    half_life: durationSchema.default('7d').openapi({ description: 'For `time_decay`.', example: '7d' }),
    actor: actorSchema,
    top: z.number().int().min(1).max(ATTRIBUTION_LIMITS.topMax).default(20).openapi({
      description: 'So many channels with the most touches are named; all others are one, `other`.',
    }),
    range: rangeSchema.default('last 30 days'),
    timezone: timeZoneSchema,
    as_of: asOfInputSchema,
    explain: explainSchema,
  })
  .openapi('AttributionRequest', {
    example: {
      kind: 'attribution',
      conversion: 'purchase',
      channel: 'properties.utm_source',
      models: ['first', 'last', 'markov'],
      range: 'last 30 days',
    },
  });
export type AttributionRequest = z.infer<typeof attributionRequestSchema>;

const moneySchema = z
  .array(
    z.object({
      currency: z.string().nullable().openapi({ example: 'EUR' }),
      value: z.number().openapi({ example: 1204.5 }),
    }),
  )
  .openapi({ description: 'The `value` of the conversions, currency by currency.' });

const creditSchema = z
  .object({
    conversions: z.number().openapi({ description: 'Credit, in conversions.', example: 12.5 }),
    share: z.number().nullable().openapi({
      description: 'Of all attributed conversions. Null when there are none.',
      example: 0.31,
    }),
    money: moneySchema,
  })
  .openapi('AttributionCredit');
export type AttributionCredit = z.infer<typeof creditSchema>;

const channelSchema = z
  .object({
    channel: z.string().nullable().openapi({ description: 'Null for `other`.', example: 'newsletter' }),
    other: z.boolean().openapi({ description: 'All channels that are not named, together.' }),
    touches: z
      .number()
      .int()
      .openapi({ description: 'Touches in the range and the look-back before it.', example: 310 }),
    credits: z.partialRecord(z.enum(ATTRIBUTION_MODELS), creditSchema).openapi({
      description: 'Each model that was asked for.',
    }),
    removal_effect: z.number().nullable().optional().openapi({
      description:
        'With `markov`: the share of conversions that the chain would lose without the channel, 0 to 1. Null without conversions.',
      example: 0.42,
    }),
  })
  .openapi('AttributionChannel');
export type AttributionChannel = z.infer<typeof channelSchema>;

const totalSchema = z.object({
  conversions: z.number().int().openapi({ example: 41 }),
  money: moneySchema,
});

/** Answer to a question for attribution. */
export const attributionAnswerSchema = z
  .object({
    kind: z.literal('attribution'),
    ...answerShape,
    models: z.array(z.enum(ATTRIBUTION_MODELS)),
    attributed: totalSchema.openapi({ description: 'Conversions with at least one touch.' }),
    unattributed: totalSchema.openapi({ description: 'Conversions without a touch in the look-back.' }),
    channels: z.array(channelSchema).openapi({
      description: 'Most credit by the first of `models` first; ties by name. `other` last.',
    }),
  })
  .openapi('AttributionAnswer');
export type AttributionAnswer = z.infer<typeof attributionAnswerSchema>;
