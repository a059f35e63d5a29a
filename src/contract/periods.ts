import { z } from '@hono/zod-openapi';

import { actorSchema, filterSchema, rangeSchema, typesSchema } from './question.ts';

/** Limits of questions that compare whole periods. */
export const PERIOD_LIMITS = {
  /** Periods of one range. */
  periodsMax: 1_000,
  /** Periods that a cohort is followed for. */
  followedMax: 400,
  /** Periods of a trailing window. */
  windowMax: 400,
  /** Trailing windows of one question. */
  windowsMax: 3,
} as const;

/** Periods of the calendar. */
export const PERIODS = ['day', 'week', 'month'] as const;

/** The period that is compared. */
export const periodSchema = z.enum(PERIODS).default('day').openapi({
  description:
    'Days, weeks (from Monday) or months of `timezone`. A day has 23 or 25 hours where the clocks change.',
});
export type Period = z.infer<typeof periodSchema>;

/** What ranges of whole periods have in common. */
export const WHOLE_PERIODS =
  'Widened to the whole periods that it touches, and cut behind the period that is running; `range` of the answer says what was taken.';

/** Beginnings of periods. */
export const startsSchema = z.array(z.string()).openapi({
  description: 'Where each period begins, local time with offset. A period ends where the next begins.',
  example: ['2026-11-18T00:00:00+01:00', '2026-11-19T00:00:00+01:00', '2026-11-20T00:00:00+01:00'],
});

/** Which periods are over. */
export const completeSchema = z.array(z.boolean()).openapi({
  description: 'Whether each period is over. Only the last can be running still.',
  example: [true, true, false],
});

/** A number of actors for each period of the range. */
export const countsSchema = (description: string, example: number[]) =>
  z.array(z.number().int()).openapi({ description, example });

/** Who is active, and the periods that are looked at: spread into requests. */
export const activityShape = {
  types: typesSchema,
  filter: filterSchema.optional().openapi({
    description: 'Only events for which it holds make somebody active.',
  }),
  actor: actorSchema,
  period: periodSchema,
  range: rangeSchema.default('last 30 days').openapi({ description: WHOLE_PERIODS }),
} as const;
