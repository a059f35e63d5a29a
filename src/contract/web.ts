import { z } from '@hono/zod-openapi';

import { instantSchema } from './common.ts';
import {
  answerShape,
  asOfInputSchema,
  axisShape,
  explainSchema,
  INTERVAL_CHOICES,
  QUERY_LIMITS,
  rangeSchema,
  timeZoneSchema,
  typesSchema,
} from './question.ts';
import {
  hereNowSchema,
  liveMinutesSchema,
  passiveSchema,
  SESSION_LIMITS,
  sessionFilterSchema,
  viewsSchema,
} from './sessions.ts';

/** The lists of web analytics, in the order of the answer. */
export const WEB_LISTS = [
  'channels',
  'sources',
  'utm_sources',
  'utm_mediums',
  'utm_campaigns',
  'utm_terms',
  'utm_contents',
  'pages',
  'entry_pages',
  'exit_pages',
  'countries',
  'devices',
  'browsers',
  'systems',
] as const;
export type WebList = (typeof WEB_LISTS)[number];

/** Ways on which visits come. */
export const CHANNELS = ['direct', 'search', 'social', 'email', 'paid', 'campaign', 'referral'] as const;
export type Channel = (typeof CHANNELS)[number];

const onlyOf = (list: WebList) =>
  z
    .array(z.string().max(QUERY_LIMITS.textMax).nullable())
    .min(1)
    .max(SESSION_LIMITS.listMax)
    .optional()
    .openapi({ description: `Values of \`${list}\`.` });

/** Which entries of the lists a session must stand in. */
export const webOnlySchema = z
  .strictObject(
    Object.fromEntries(WEB_LISTS.map((list) => [list, onlyOf(list)])) as {
      readonly [List in WebList]: ReturnType<typeof onlyOf>;
    },
  )
  .openapi('WebOnly', {
    description:
      'Only sessions that stand in each of these lists with one of the values; null: that have none. They are measured whole. `live` is not narrowed by it.',
    example: { channels: ['search'], countries: ['DE', 'AT'] },
  });
export type WebOnly = z.infer<typeof webOnlySchema>;

const topSchema = z.number().int().min(1).max(SESSION_LIMITS.listMax);

/** How many entries of a list are named, where it is not as many as of the others. */
export const webTopSchema = z
  .strictObject(
    Object.fromEntries(WEB_LISTS.map((list) => [list, topSchema.optional()])) as {
      readonly [List in WebList]: z.ZodOptional<typeof topSchema>;
    },
  )
  .openapi('WebTop', {
    description: 'Lists of which not `top` entries are named but so many.',
    example: { countries: 200 },
  });

/** Visits to a web site. */
export const webRequestSchema = z
  .strictObject({
    kind: z.literal('web'),
    types: typesSchema.openapi({
      description: 'Only events of these types make up sessions. All if absent.',
    }),
    filter: sessionFilterSchema,
    only: webOnlySchema.default({}),
    views: viewsSchema,
    passive: passiveSchema,
    own_hosts: z
      .array(z.string().min(1).max(QUERY_LIMITS.textMax))
      .max(QUERY_LIMITS.typesMax)
      .default([])
      .openapi({
        description:
          'Hosts of the site itself, without `www.`: a session that begins with a referrer of theirs came directly.',
        example: ['shop.example'],
      }),
    top: z
      .number()
      .int()
      .min(1)
      .max(SESSION_LIMITS.listMax)
      .default(10)
      .openapi({ description: 'So many entries of each list are named; the others are one, `other`.' }),
    top_of: webTopSchema.default({}),
    compare: z.boolean().default(true).openapi({
      description:
        'Whether to measure the period before as well: as long, or the calendar months before where the range is of whole ones.',
    }),
    interval: z.enum(INTERVAL_CHOICES).optional().openapi({
      description:
        'Tell the numbers of all sessions over time as well, in buckets of this width; a session belongs to the one that it began in.',
      example: '1d',
    }),
    range: rangeSchema.default('last 7 days').openapi({ description: 'Sessions that began then.' }),
    timezone: timeZoneSchema,
    live_minutes: liveMinutesSchema,
    as_of: asOfInputSchema,
    explain: explainSchema,
  })
  .openapi('WebRequest', {
    example: { kind: 'web', range: 'last 7 days', timezone: 'Europe/Berlin', own_hosts: ['shop.example'] },
  });
export type WebRequest = z.infer<typeof webRequestSchema>;

const count = z.number().int().openapi({ example: 120 });
const average = z.number().nullable().openapi({ example: 2.4 });

const numbersShape = {
  visitors: count.openapi({ description: 'Distinct browsers or people.' }),
  sessions: count,
  views: count,
  views_per_session: average.openapi({ description: 'Null without sessions.' }),
  bounces: count,
  bounce_rate: average.openapi({
    description: '`bounces` / sessions with a view; null without such sessions.',
  }),
  duration_avg_ms: average.openapi({ description: 'Null without sessions.' }),
} as const;

const numbersSchema = z.object(numbersShape).openapi('WebNumbers');
export type WebNumbers = z.infer<typeof numbersSchema>;

const comparedShape = {
  ...numbersShape,
  previous: numbersSchema
    .nullable()
    .openapi({ description: 'In the period before; null without `compare`.' }),
} as const;

/** Names of the numbers. */
export const WEB_NUMBERS = Object.keys(numbersShape) as (keyof WebNumbers)[];

const column = z.array(z.number().nullable());
const columnsSchema = z
  .object(
    Object.fromEntries(WEB_NUMBERS.map((name) => [name, column])) as {
      readonly [Name in keyof WebNumbers]: typeof column;
    },
  )
  .openapi('WebColumns', { description: 'One entry a bucket.' });
export type WebColumns = z.infer<typeof columnsSchema>;

const overTimeSchema = z
  .object({
    ...axisShape,
    values: columnsSchema,
    previous: z
      .object({
        buckets: z.array(z.string().nullable()).openapi({
          description: 'The bucket of the period before that stands beside each: the first beside the first.',
        }),
        values: columnsSchema.openapi({ description: 'Null where none stands beside it.' }),
      })
      .nullable()
      .openapi({ description: 'Null without `compare`.' }),
  })
  .openapi('WebOverTime');
export type WebOverTime = z.infer<typeof overTimeSchema>;

const entrySchema = z
  .object({
    value: z.string().nullable().openapi({ description: 'Null: `other`, or absent.', example: 'google.com' }),
    other: z.boolean().openapi({ description: 'All values that are not named, together.' }),
    ...comparedShape,
  })
  .openapi('WebEntry');
export type WebEntry = z.infer<typeof entrySchema>;

const listSchema = z.array(entrySchema);

/** Answer to web analytics. */
export const webAnswerSchema = z
  .object({
    kind: z.literal('web'),
    ...answerShape,
    previous_range: z
      .object({ from: instantSchema, to: instantSchema })
      .nullable()
      .openapi({ description: 'The period before; null without `compare`.' }),
    total: z.object(comparedShape).openapi('WebTotal'),
    over_time: overTimeSchema
      .optional()
      .openapi({ description: 'With `interval`: the numbers of `total`, bucket by bucket.' }),
    lists: z
      .object({
        channels: listSchema.openapi({
          description: `How sessions came: ${CHANNELS.join(', ')}.`,
        }),
        sources: listSchema.openapi({ description: 'Host of the referrer, without `www.`; null: direct.' }),
        utm_sources: listSchema,
        utm_mediums: listSchema,
        utm_campaigns: listSchema,
        utm_terms: listSchema,
        utm_contents: listSchema,
        pages: listSchema.openapi({
          description: 'Most views first. `views` are those of the page, `sessions` those that saw it.',
        }),
        entry_pages: listSchema,
        exit_pages: listSchema,
        countries: listSchema,
        devices: listSchema,
        browsers: listSchema,
        systems: listSchema.openapi({ description: 'Operating systems.' }),
      })
      .openapi({
        description:
          'Most sessions first, `other` last. Lists of campaigns and pages leave out sessions that have none.',
      }),
    live: hereNowSchema,
  })
  .openapi('WebAnswer');
export type WebAnswer = z.infer<typeof webAnswerSchema>;
