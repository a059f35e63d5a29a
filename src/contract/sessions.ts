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
  typesSchema,
} from './question.ts';

/** Limits of questions about sessions. */
export const SESSION_LIMITS = {
  /** Entry pages, exit pages and the like that are named. */
  listMax: 200,
  /** Minutes that "now" may reach back. */
  liveMinutesMax: 60,
  /** Hours that a session is followed before and after the range. */
  marginHours: 24,
} as const;

/** Types of events that a person does nothing for: they do not end a bounce. */
export const PASSIVE_TYPES = ['page_leave', 'identify', 'alias', 'group', 'web_vitals'] as const;

/** Which events are views. */
export const viewsSchema = selectorSchema.default({ types: ['page_view', 'screen_view'] }).openapi({
  description: 'Which events are views of a page. A view shows the `page` of its event.',
  example: 'page_view',
});

/** Which events do not end a bounce. */
export const passiveSchema = z
  .array(z.string().min(1).max(QUERY_LIMITS.textMax))
  .max(QUERY_LIMITS.typesMax)
  .default([...PASSIVE_TYPES])
  .openapi({
    description:
      'Types of events that a person does nothing for. A session bounced when it has one view and, but for these, no other event.',
    example: ['page_leave'],
  });

/** How far "now" reaches back. */
export const liveMinutesSchema = z
  .number()
  .int()
  .min(1)
  .max(SESSION_LIMITS.liveMinutesMax)
  .default(5)
  .openapi({ description: 'Who had an event within so many minutes is here now.' });

/** Which sessions count. */
export const sessionFilterSchema = filterSchema.optional().openapi({
  description:
    'Only sessions that have an event for which it holds (of `types`, if given). They are measured whole.',
});

/** Sessions over time. */
export const sessionsRequestSchema = z
  .strictObject({
    kind: z.literal('sessions'),
    types: typesSchema.openapi({
      description: 'Only events of these types make up sessions. All if absent.',
    }),
    filter: sessionFilterSchema,
    views: viewsSchema,
    passive: passiveSchema,
    by: bySchema.openapi({
      description:
        'Break down by one or two fields. A session has the value of its earliest event in which the field is present.',
      example: ['device_type'],
    }),
    top: z.number().int().min(1).max(QUERY_LIMITS.topMax).default(10).openapi({
      description:
        'With `by`: so many groups with the most sessions are named; all others are one group `other`, measured anew.',
    }),
    pages: z.number().int().min(0).max(SESSION_LIMITS.listMax).default(10).openapi({
      description: 'So many entry and exit pages are named. 0 leaves both lists out.',
    }),
    interval: z.enum(INTERVAL_CHOICES).default('auto').openapi({
      description:
        'Width of the buckets; a session belongs to the one that it began in. `total`: the range is one bucket.',
      example: '1d',
    }),
    range: rangeSchema.default('last 7 days').openapi({ description: 'Sessions that began then.' }),
    timezone: timeZoneSchema,
    live_minutes: liveMinutesSchema,
    as_of: asOfInputSchema,
    explain: explainSchema,
  })
  .openapi('SessionsRequest', {
    example: {
      kind: 'sessions',
      by: ['device_type'],
      interval: '1d',
      range: 'last 7 days',
      timezone: 'Europe/Berlin',
    },
  });
export type SessionsRequest = z.infer<typeof sessionsRequestSchema>;

const rate = (description: string) => z.number().nullable().openapi({ description, example: 0.42 });

const count = z.number().int().openapi({ example: 120 });
const average = z.number().nullable().openapi({ example: 2.4 });

/** What is told of a set of sessions. */
const numbersShape = {
  sessions: count,
  with_views: count.openapi({ description: 'Of them with a view.' }),
  bounces: count.openapi({ description: 'Of those with one view and no other event but passive ones.' }),
  bounce_rate: rate('`bounces` / `with_views`; null without such sessions.'),
  duration_avg_ms: average.openapi({
    description: 'From the first event of a session to its last; 0 with one event. Null without sessions.',
  }),
  duration_median_ms: average.openapi({ description: 'Within 0.2 %.' }),
  duration_p90_ms: average.openapi({ description: 'Within 0.2 %.' }),
  events_per_session: average,
  views_per_session: average,
} as const;

/** Numbers of a set of sessions. */
export const sessionNumbersSchema = z.object(numbersShape).openapi('SessionNumbers');
export type SessionNumbers = z.infer<typeof sessionNumbersSchema>;

/** The same, each as a column: one entry a bucket. */
const columnsSchema = z
  .object({
    sessions: z.array(count),
    with_views: z.array(count),
    bounces: z.array(count),
    bounce_rate: z.array(average),
    duration_avg_ms: z.array(average),
    duration_median_ms: z.array(average),
    duration_p90_ms: z.array(average),
    events_per_session: z.array(average),
    views_per_session: z.array(average),
  })
  .openapi('SessionColumns', { description: 'One entry a bucket.' });
export type SessionColumns = z.infer<typeof columnsSchema>;

/** Names of the numbers. */
export const SESSION_NUMBERS = Object.keys(numbersShape) as (keyof SessionNumbers)[];

const seriesSchema = z
  .object({
    ...groupShape,
    total: sessionNumbersSchema,
    values: columnsSchema,
  })
  .openapi('SessionSeries');
export type SessionSeries = z.infer<typeof seriesSchema>;

const pageSchema = z
  .object({
    page: z.string().nullable().openapi({ description: 'Null for `other`.', example: '/pricing' }),
    other: z.boolean().openapi({ description: 'All pages that are not named, together.' }),
    sessions: z.number().int().openapi({ example: 40 }),
    bounces: z.number().int().openapi({ example: 12 }),
    bounce_rate: rate('`bounces` / `sessions`.'),
  })
  .openapi('SessionPage');
export type SessionPage = z.infer<typeof pageSchema>;

/** Who is here now. */
export const hereNowSchema = z
  .object({
    minutes: z.number().int().openapi({ example: 5 }),
    sessions: z.number().int().openapi({ example: 7 }),
    users: z.number().int().openapi({ example: 6 }),
  })
  .openapi('HereNow', {
    description:
      'Distinct sessions and users with an event (for which the filter holds) in the last minutes, whatever the range.',
  });
export type HereNow = z.infer<typeof hereNowSchema>;

/** Answer about sessions. */
export const sessionsAnswerSchema = z
  .object({
    kind: z.literal('sessions'),
    ...answerShape,
    ...axisShape,
    total: sessionNumbersSchema,
    series: z.array(seriesSchema).openapi({ description: 'Most sessions first, `other` last.' }),
    entry_pages: z.array(pageSchema).openapi({
      description: 'The `page` of the first view that has one. Most sessions first, `other` last.',
    }),
    exit_pages: z.array(pageSchema).openapi({ description: 'Of the last view that has one.' }),
    live: hereNowSchema,
  })
  .openapi('SessionsAnswer');
export type SessionsAnswer = z.infer<typeof sessionsAnswerSchema>;
