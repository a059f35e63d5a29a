import { z } from '@hono/zod-openapi';

import { cursorSchema, instantSchema, nextCursorSchema } from './common.ts';
import {
  actorSchema,
  answerShape,
  asOfInputSchema,
  bySchema,
  durationSchema,
  explainSchema,
  filterSchema,
  groupSchema,
  groupShape,
  QUERY_LIMITS,
  rangeSchema,
  selectorSchema,
  timeZoneSchema,
  typesSchema,
} from './question.ts';

/** The limits of a funnel beyond those of every question. */
export const FUNNEL_LIMITS = {
  stepsMin: 2,
  stepsMax: 20,
  exclusionsMax: 4,
  windowMax: '366d',
  /** Named groups of a break-down. */
  topMax: 100,
  /** Characters of the name of a step. */
  nameMax: 200,
  /** People on one page of `funnel_users`. */
  pageMax: 1_000,
} as const;

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Upper bounds of the bins of a histogram of times to convert, in milliseconds, not included; the last bin has none. The same for every funnel, so that histograms compare. */
export const FUNNEL_BINS_MS = [
  1_000,
  5_000,
  10_000,
  30_000,
  MINUTE_MS,
  2 * MINUTE_MS,
  5 * MINUTE_MS,
  10 * MINUTE_MS,
  30 * MINUTE_MS,
  HOUR_MS,
  2 * HOUR_MS,
  6 * HOUR_MS,
  12 * HOUR_MS,
  DAY_MS,
  2 * DAY_MS,
  7 * DAY_MS,
  14 * DAY_MS,
  30 * DAY_MS,
  90 * DAY_MS,
] as const;

/** In which order the steps must be done. */
export const FUNNEL_ORDERS = ['ordered', 'strict', 'any'] as const;
export type FunnelOrder = (typeof FUNNEL_ORDERS)[number];

const stepSchema = z
  .union([
    z
      .string()
      .min(1)
      .max(QUERY_LIMITS.textMax)
      .openapi({ description: 'Shorthand: the events of one type.' }),
    z.strictObject({
      name: z
        .string()
        .min(1)
        .max(FUNNEL_LIMITS.nameMax)
        .optional()
        .openapi({ description: 'What the answer calls the step.' }),
      types: typesSchema,
      filter: filterSchema.optional(),
    }),
  ])
  .openapi('FunnelStep', {
    description: 'Which events are the step: by type, by filter or by both, with a name if wanted.',
    example: { name: 'Bought', types: ['purchase'] },
  });

const stepNumber = z.number().int().min(1).max(FUNNEL_LIMITS.stepsMax);

const exclusionSchema = z
  .strictObject({
    events: selectorSchema,
    after: stepNumber.default(1).openapi({ description: 'The step after which it counts, from 1.' }),
    before: stepNumber
      .optional()
      .openapi({ description: 'The step before which it counts. The last one if absent.' }),
  })
  .openapi('FunnelExclusion', {
    description:
      'Who does one of these events after step `after` and before step `before` is out: in no step, counted in `excluded`. Before a step that was not reached means: until the window ends.',
    example: { events: 'refund', after: 1, before: 2 },
  });

const definitionShape = {
  steps: z
    .array(stepSchema)
    .min(FUNNEL_LIMITS.stepsMin)
    .max(FUNNEL_LIMITS.stepsMax)
    .openapi({ description: 'From the first to the last.', example: ['page_view', 'purchase'] }),
  order: z.enum(FUNNEL_ORDERS).default('ordered').openapi({
    description:
      '`ordered`: other events may come between. `strict`: each step is the very next event of the actor (of those that meet `filter`). `any`: the steps in any order.',
  }),
  window: durationSchema.default('7d').openapi({
    description: `How long after the first step the others may come, both ends included: at most ${FUNNEL_LIMITS.windowMax}.`,
  }),
  actor: actorSchema,
  exclusions: z
    .array(exclusionSchema)
    .max(FUNNEL_LIMITS.exclusionsMax)
    .default([])
    .openapi({ description: 'What puts an actor out.', example: [] }),
  filter: filterSchema
    .optional()
    .openapi({ description: 'Only events for which it holds, of all steps and exclusions.' }),
  by: bySchema.openapi({
    description: 'Break down by one or two fields, as they are in the event that is the first step.',
    example: ['country'],
  }),
  range: rangeSchema.default('last 7 days').openapi({
    description: 'When the first step is done. Later steps may lie after it, within the window.',
  }),
  timezone: timeZoneSchema,
} as const;

/** A funnel: how many who do a first thing go on to do the next ones. */
export const funnelRequestSchema = z
  .strictObject({
    kind: z.literal('funnel'),
    ...definitionShape,
    top: z.number().int().min(1).max(FUNNEL_LIMITS.topMax).default(10).openapi({
      description:
        'With `by`: so many groups with the most actors in the first step are named; all others are one group `other`.',
    }),
    as_of: asOfInputSchema,
    explain: explainSchema,
  })
  .openapi('FunnelRequest', {
    example: {
      kind: 'funnel',
      steps: ['page_view', 'add_to_cart', { name: 'Bought', types: ['purchase'] }],
      window: '1d',
      by: ['country'],
      range: 'last 7 days',
      timezone: 'Europe/Berlin',
    },
  });
export type FunnelRequest = z.infer<typeof funnelRequestSchema>;

/** Who got to a step of a funnel, or went no further. */
export const funnelUsersRequestSchema = z
  .strictObject({
    kind: z.literal('funnel_users'),
    ...definitionShape,
    step: stepNumber.openapi({ description: 'The step, from 1.', example: 2 }),
    outcome: z.enum(['converted', 'dropped']).openapi({
      description: '`converted`: who got to the step. `dropped`: who got to it and no further.',
    }),
    limit: z
      .number()
      .int()
      .min(1)
      .max(FUNNEL_LIMITS.pageMax)
      .default(100)
      .openapi({ description: 'Actors on a page.' }),
    cursor: cursorSchema.optional(),
    as_of: asOfInputSchema,
    explain: explainSchema,
  })
  .openapi('FunnelUsersRequest', {
    example: {
      kind: 'funnel_users',
      steps: ['page_view', 'add_to_cart', 'purchase'],
      step: 2,
      outcome: 'dropped',
      window: '1d',
      range: 'last 7 days',
    },
  });
export type FunnelUsersRequest = z.infer<typeof funnelUsersRequestSchema>;

const count = z.number().int().openapi({ example: 120 });
const share = z.number().nullable().openapi({ example: 0.25 });
const duration = z.number().openapi({ example: 84_000 });

const timesSchema = z
  .object({
    average_ms: duration,
    median_ms: duration.openapi({ description: 'Between two values: interpolated.' }),
    p90_ms: duration.openapi({ description: '90 % took at most so long; interpolated.' }),
    histogram: z.array(z.number().int()).openapi({
      description: 'Actors by time taken, one number a bin of `bins_ms` and one for what is longer.',
      example: [0, 4, 9],
    }),
  })
  .openapi('FunnelTimes', { description: 'How long it took those who did it.' });
export type FunnelTimes = z.infer<typeof timesSchema>;

const stepAnswerSchema = z
  .object({
    actors: count.openapi({ description: 'Who got to the step.' }),
    from_start: share.openapi({
      description: 'Share of those in the first step. Null where there are none.',
    }),
    from_previous: share.openapi({
      description: 'Share of those in the step before. Null where there are none, and in the first step.',
    }),
    dropped: count
      .nullable()
      .openapi({ description: 'Who got to the step and no further. Null in the last step.' }),
    drop_off: share.openapi({ description: '`dropped` as a share of `actors`.' }),
    since_previous: timesSchema.nullable().openapi({
      description: 'Time from the step before. Null in the first step, and where nobody got to it.',
    }),
  })
  .openapi('FunnelStepResult');
export type FunnelStepResult = z.infer<typeof stepAnswerSchema>;

const resultShape = {
  entered: count.openapi({ description: 'Who did the first step and is not out.' }),
  completed: count.openapi({ description: 'Who did all steps.' }),
  conversion: share.openapi({ description: '`completed` as a share of `entered`.' }),
  excluded: count.openapi({ description: 'Who is out by an exclusion: in none of the other numbers.' }),
  steps: z.array(stepAnswerSchema).openapi({ description: 'One a step of `steps`.' }),
  time_to_convert: timesSchema
    .nullable()
    .openapi({ description: 'From the first step to the last. Null where nobody did all.' }),
} as const;

const groupResultSchema = z
  .object({
    ...groupShape,
    ...resultShape,
  })
  .openapi('FunnelGroup');
export type FunnelGroup = z.infer<typeof groupResultSchema>;

const frameShape = {
  ...answerShape,
  order: z.enum(FUNNEL_ORDERS),
  actor: actorSchema,
  window_ms: z.number().int().openapi({ example: 86_400_000 }),
  settles_at: instantSchema.openapi({
    description: 'When the window of the last possible first step ends: until then numbers may still rise.',
  }),
} as const;

/** Answer to a funnel. */
export const funnelAnswerSchema = z
  .object({
    kind: z.literal('funnel'),
    ...frameShape,
    names: z.array(z.string()).openapi({
      description: 'What the steps are called. With `any` order the numbers of steps done: `1 of 3`.',
      example: ['page_view', 'add_to_cart', 'Bought'],
    }),
    bins_ms: z.array(z.number().int()).openapi({
      description: 'Upper bounds of the bins of every histogram, not included.',
      example: [1_000, 5_000, 10_000],
    }),
    total: z.object(resultShape).openapi('FunnelResult', { description: 'All groups together.' }),
    groups: z.array(groupResultSchema).openapi({
      description: 'With `by`: most entered first, `other` last. Empty without.',
    }),
  })
  .openapi('FunnelAnswer');
export type FunnelAnswer = z.infer<typeof funnelAnswerSchema>;
export type FunnelResult = FunnelAnswer['total'];

const funnelUserSchema = z
  .object({
    id: z.string().openapi({ description: '`user_id` or `session_id`, by `actor`.', example: 'ada' }),
    group: groupSchema,
    steps_done: count.openapi({ description: 'How many steps the actor did.', example: 2 }),
    times: z.array(instantSchema).openapi({ description: 'When each of them was done.' }),
  })
  .openapi('FunnelUser');
export type FunnelUser = z.infer<typeof funnelUserSchema>;

/** Answer to who got to a step of a funnel. */
export const funnelUsersAnswerSchema = z
  .object({
    kind: z.literal('funnel_users'),
    ...frameShape,
    users: z.array(funnelUserSchema).openapi({
      description: 'Whose first step is latest comes first; ties by id.',
    }),
    next_cursor: nextCursorSchema,
  })
  .openapi('FunnelUsersAnswer');
export type FunnelUsersAnswer = z.infer<typeof funnelUsersAnswerSchema>;
