import { z } from '@hono/zod-openapi';

import { askedPositionSchema, instantSchema, positionSchema } from './common.ts';

/** The limits of one query, said in the schema and enforced by the service. */
export const QUERY_LIMITS = {
  /** Buckets on the time axis. */
  bucketsMax: 10_000,
  /** Groups of a break-down that are named; the rest is one more, "other". */
  topMax: 1_000,
  /** Groups times buckets of one answer. */
  cellsMax: 90_000,
  /** Fields in a break-down. */
  byMax: 2,
  /** Event types in `types`. */
  typesMax: 100,
  /** Conditions in a filter, all levels together. */
  conditionsMax: 50,
  /** Levels of and, or and not in a filter. */
  filterDepthMax: 8,
  /** Values in one `in` or `not_in`. */
  listValuesMax: 1_000,
  /** Characters of one value, or of the name of a field. */
  textMax: 2_000,
  /** Characters of all values of a query together. */
  textTotalMax: 200_000,
  /** Series of one trend, and formulas. */
  seriesMax: 10,
  /** Characters of a formula. */
  formulaTextMax: 200,
  /** Levels of parentheses and signs in a formula. */
  formulaDepthMax: 20,
  /** Steps of a sliding window. */
  windowStepsMax: 400,
  /** Groups times buckets times steps of their windows. */
  windowCellsMax: 2_000_000,
  /** Buckets that a moving average is taken over. */
  movingAverageMax: 1_000,
} as const;

/** The time axis: widths of its buckets. */
export const INTERVALS = ['10s', '30s', '1m', '5m', '15m', '1h', '1d', '1w', '1M'] as const;
export type Interval = (typeof INTERVALS)[number];

/** What `interval` accepts. */
export const INTERVAL_CHOICES = ['auto', ...INTERVALS, 'total'] as const;

/** A field of the event, or a property. */
export const fieldSchema = z.string().min(1).max(QUERY_LIMITS.textMax).openapi('Field', {
  description:
    'A field of the event (`type`, `source`, `version`, `user_id`, `session_id`, `device_type`, `os`, `os_version`, `browser`, `app_version`, `country`, `region`, `page`, `referrer`, `currency`, `value`, `id`; in filters `timestamp` and `received_at` too), or a property: `properties.plan`, nested `properties.cart.total`, a key with special characters `properties["cart.total"]`.',
  example: 'properties.plan',
});

const scalarSchema = z
  .union([z.string().max(QUERY_LIMITS.textMax), z.number(), z.boolean()])
  .openapi({ description: 'A text, a number or a boolean.', example: 'pro' });

const COMPARISONS = ['gt', 'gte', 'lt', 'lte'] as const;

const equalitySchema = z
  .strictObject({ field: fieldSchema, op: z.enum(['eq', 'neq']), value: scalarSchema })
  .openapi('Equality', {
    description:
      '`neq` also holds where the field is absent. In fields of the event `""` finds the absent ones.',
    example: { field: 'country', op: 'eq', value: 'DE' },
  });

const membershipSchema = z
  .strictObject({
    field: fieldSchema,
    op: z.enum(['in', 'not_in']),
    values: z.array(scalarSchema).min(1).max(QUERY_LIMITS.listValuesMax),
  })
  .openapi('Membership', {
    description: '`not_in` also holds where the field is absent.',
    example: { field: 'country', op: 'in', values: ['DE', 'FR'] },
  });

const containmentSchema = z
  .strictObject({
    field: fieldSchema,
    op: z.literal('contains'),
    value: z.string().min(1).max(QUERY_LIMITS.textMax),
  })
  .openapi('Containment', {
    description: 'The text occurs in the field; upper and lower case differ.',
    example: { field: 'page', op: 'contains', value: '/docs/' },
  });

const comparisonSchema = z
  .strictObject({
    field: fieldSchema,
    op: z.enum(COMPARISONS),
    value: z.union([z.number(), z.string().max(QUERY_LIMITS.textMax)]),
  })
  .openapi('Comparison', {
    description:
      'A number compares as number (texts that are numbers included); a text compares byte by byte, so it suits versions and dates of one form. `timestamp` and `received_at` take instants. Never holds where the field is absent.',
    example: { field: 'properties.items', op: 'gte', value: 3 },
  });

const existenceSchema = z
  .strictObject({ field: fieldSchema, op: z.enum(['exists', 'not_exists']) })
  .openapi('Existence', {
    description: 'An empty text in a field of the event is absent, and so is a JSON null.',
    example: { field: 'user_id', op: 'exists' },
  });

const cohortConditionSchema = z
  .strictObject({ op: z.literal('in_cohort'), cohort: z.string().min(1).max(64) })
  .openapi('CohortCondition', {
    description:
      'The user of the event belongs to a saved cohort, named by its id. Never holds where the event has no user.',
    example: { op: 'in_cohort', cohort: 'coh_00112233445566ff' },
  });

/** One condition of a filter. */
export const conditionSchema = z.discriminatedUnion('op', [
  equalitySchema,
  membershipSchema,
  containmentSchema,
  comparisonSchema,
  existenceSchema,
  cohortConditionSchema,
]);
/** A condition on the user of an event. */
export type CohortCondition = z.infer<typeof cohortConditionSchema>;
/** A condition on a field of an event. */
export type Condition = Exclude<z.infer<typeof conditionSchema>, CohortCondition>;

/** A condition, or several joined. */
export type Filter =
  | Condition
  | CohortCondition
  | { readonly and: readonly Filter[] }
  | { readonly or: readonly Filter[] }
  | { readonly not: Filter };

const filterListSchema = z
  .array(z.lazy(() => filterSchema))
  .min(1)
  .max(QUERY_LIMITS.conditionsMax);

const joinedSchema = z.union([
  z.strictObject({ and: filterListSchema }),
  z.strictObject({ or: filterListSchema }),
  z.strictObject({ not: z.lazy(() => filterSchema) }),
]);

/** Which events count. Chooses the branch by its keys first, so that a problem is reported for what was meant, not for every alternative. */
export const filterSchema: z.ZodType<Filter, Filter> = z
  .union([conditionSchema, joinedSchema])
  .openapi('Filter', {
    description:
      'A condition, or conditions joined by `and`, `or` and `not`, up to 8 levels deep and 50 conditions in all.',
    example: {
      and: [
        { field: 'country', op: 'eq', value: 'DE' },
        { field: 'properties.items', op: 'gte', value: 3 },
      ],
    },
  });

/** Units of time of a rate. */
export const RATE_UNITS = ['second', 'minute', 'hour', 'day'] as const;
export type RateUnit = (typeof RATE_UNITS)[number];

const MEASURE_SHORTHANDS = ['count', 'unique_users', 'unique_sessions'] as const;

/** What is measured. */
export const measureSchema = z
  .union([
    z
      .enum(MEASURE_SHORTHANDS)
      .openapi({ description: 'Shorthand: events, distinct `user_id`, distinct `session_id`.' }),
    z.discriminatedUnion('kind', [
      z
        .strictObject({ kind: z.literal('count') })
        .openapi('CountMeasure', { description: 'The number of events.' }),
      z.strictObject({ kind: z.literal('unique'), of: fieldSchema }).openapi('UniqueMeasure', {
        description:
          'The number of distinct values; events without one do not count. Exact up to 65,536 but for one or two, within about 1 % beyond.',
      }),
      z
        .strictObject({ kind: z.enum(['sum', 'avg', 'min', 'max']), of: fieldSchema })
        .openapi('NumberMeasure', {
          description: 'Of `value` (exact; one series a currency) or of a numeric property.',
        }),
      z
        .strictObject({ kind: z.literal('quantile'), of: fieldSchema, level: z.number().min(0).max(1) })
        .openapi('QuantileMeasure', {
          description: 'Within 0.2 % of the true value. `level` 0.5 is the median.',
        }),
      z
        .strictObject({ kind: z.literal('rate'), per: z.enum(RATE_UNITS), of: fieldSchema.optional() })
        .openapi('RateMeasure', {
          description:
            'Trends only: events per unit of time, or with `of` the sum of it per unit of time. A bucket that the range covers in part is divided by the covered part.',
        }),
    ]),
  ])
  .openapi('Measure', { example: 'unique_users' });
export type Measure = z.infer<typeof measureSchema>;

/** An instant as requests write it. */
export const instantInputSchema = z.union([z.string().max(64), z.number()]);

/** When. */
export const rangeSchema = z
  .union([
    z.string().max(64).openapi({
      description:
        '`last 30 minutes` (seconds, minutes, hours, days, weeks, months, years), `today`, `yesterday`, `this week` (hour, day, week, month, quarter, year), `previous month`, `all time`. Calendar units go by `timezone`; weeks start on Monday.',
      example: 'last 30 minutes',
    }),
    z.strictObject({
      from: instantInputSchema.openapi({
        description:
          'First instant. ISO 8601 or milliseconds since 1970; without a zone (`2026-11-20`, `2026-11-20T08:30`) it is local to `timezone`. `now`, `now-7d` are understood too.',
        example: '2026-11-01',
      }),
      to: instantInputSchema
        .optional()
        .openapi({ description: 'End, not included. Now if absent.', example: '2026-12-01' }),
    }),
  ])
  .openapi('Range', { example: 'last 30 minutes' });
export type RangeInput = z.infer<typeof rangeSchema>;

/** Whose days, weeks and months. */
export const timeZoneSchema = z.string().max(64).default('UTC').openapi({
  description: 'IANA name. Days, weeks and months begin at its midnights, so a day may last 23 or 25 hours.',
  example: 'Europe/Berlin',
});

/** Event types that count. */
export const typesSchema = z
  .array(z.string().max(QUERY_LIMITS.textMax))
  .min(1)
  .max(QUERY_LIMITS.typesMax)
  .optional()
  .openapi({ description: 'Only events of these types. All if absent.', example: ['page_view'] });

/** Which events a part of a question means. */
export const selectorSchema = z
  .union([
    z
      .string()
      .min(1)
      .max(QUERY_LIMITS.textMax)
      .openapi({ description: 'Shorthand: the events of one type.' }),
    z.strictObject({ types: typesSchema, filter: filterSchema.optional() }),
  ])
  .openapi('Selector', {
    description:
      'Events by type, by filter, or by both. `"purchase"` is `{"types": ["purchase"]}`; `{}` is every event.',
    example: { types: ['purchase'], filter: { field: 'country', op: 'eq', value: 'DE' } },
  });
export type Selector = z.infer<typeof selectorSchema>;

/** Who is followed from event to event. */
export const actorSchema = z.enum(['user', 'session']).default('user').openapi({
  description:
    'Whose events belong together: those of one `user_id` or of one `session_id`. Events without it do not count.',
});
export type Actor = z.infer<typeof actorSchema>;

/** How long: read by `src/query/duration.ts`, which knows the bounds. */
export const durationSchema = z.string().max(32).openapi({
  description:
    'A whole number and a unit: `30s`, `15m`, `12h`, `7d`, `2w`. A day is 24 hours, a week 168, whatever the clocks do.',
  example: '7d',
});

/** A break-down by one or two fields. */
export const bySchema = z
  .array(fieldSchema)
  .min(1)
  .max(QUERY_LIMITS.byMax)
  .optional()
  .openapi({ description: 'Break down by one or two fields.', example: ['country'] });

/** As of when a question is answered. */
export const asOfInputSchema = z
  .union([
    askedPositionSchema,
    z.strictObject({
      position: askedPositionSchema,
      at: z.string().max(64).openapi({
        description:
          'What "now" is: relative ranges, running periods and live cohorts go by it. ISO 8601 with a zone.',
        example: '2026-11-20T12:00:00.000Z',
      }),
    }),
  ])
  .optional()
  .openapi('AsOf', {
    description:
      'Only events up to this position of the governed log are seen, in every part of the question. A position alone fixes the events; with `at` the question means the same at any time too, and its answer never changes.',
    example: '48211',
  });
export type AsOfInput = z.infer<typeof asOfInputSchema>;

/** Whether the answer shows the SQL. */
export const explainSchema = z
  .boolean()
  .default(false)
  .openapi({ description: 'Show the SQL and why its source was chosen.' });

/** How far behind an answer may be. */
export const freshnessSchema = z
  .object({
    answered_at: instantSchema,
    pending_events: z.number().int().openapi({
      description: 'Events of the project that were received and may not be in the answer yet.',
      example: 0,
    }),
    pending_since: instantSchema
      .nullable()
      .openapi({ description: 'Minute in which the oldest of them was received.', example: null }),
  })
  .openapi('Freshness');
export type Freshness = z.infer<typeof freshnessSchema>;

const explainedStatementSchema = z
  .object({
    of: z.string().openapi({ description: 'What it counts.', example: 'A' }),
    source_reason: z.string(),
    sql: z.string(),
    parameters: z.record(z.string(), z.unknown()),
  })
  .openapi('ExplainedStatement');

const explanationSchema = z
  .object({
    source_reason: z.string().openapi({ example: 'The rollup answers this exactly.' }),
    sql: z.string(),
    parameters: z.record(z.string(), z.unknown()),
    statements: z.array(explainedStatementSchema).optional().openapi({
      description:
        'Questions of several statements: each of them. The fields beside it are those of the first.',
    }),
  })
  .openapi('Explanation');
export type Explanation = z.infer<typeof explanationSchema>;

/** What a query cost. */
export const statisticsSchema = z
  .object({
    elapsed_ms: z.number().openapi({ example: 12.4 }),
    rows_read: z.number().int().nullable().openapi({ example: 5400 }),
    bytes_read: z.number().int().nullable().openapi({ example: 86400 }),
    cached: z.literal(true).optional().openapi({
      description: 'There if the same was asked before, and nothing was loaded since: nothing was read.',
    }),
  })
  .openapi('QueryStatistics');
export type QueryStatisticsAnswer = z.infer<typeof statisticsSchema>;

/** What numbers are counted from. */
export const COUNTED_SOURCES = ['events', 'rollup_10s', 'rollup_15m'] as const;
/** Those, and what is kept of a metric. */
export const READ_SOURCES = [...COUNTED_SOURCES, 'rollup_metric'] as const;

/** What every answer says beside its numbers: spread into the object of each. */
export const answerShape = {
  source: z.enum(READ_SOURCES).openapi({ description: 'What was counted. All give the same numbers.' }),
  as_of: positionSchema.nullable().openapi({
    description:
      'Every event up to this position of the governed log is in the answer; a few later ones may be. Null: nothing was loaded yet.',
  }),
  freshness: freshnessSchema,
  range: z.object({
    from: instantSchema,
    to: instantSchema,
    timezone: z.string().openapi({ example: 'Europe/Berlin' }),
  }),
  statistics: statisticsSchema,
  explain: explanationSchema.optional(),
} as const;

/** Which group of a break-down something is of. */
export const groupSchema = z
  .record(z.string(), z.string().nullable())
  .nullable()
  .openapi({
    description: 'The fields of `by` and their values (null: absent). Null for `other`, and without `by`.',
    example: { country: 'DE' },
  });

/** How a series says which group it is of: spread into its object. */
export const groupShape = {
  group: groupSchema,
  other: z.boolean().openapi({ description: 'All groups that are not named, together.' }),
} as const;

/** The time axis of an answer: spread into its object. */
export const axisShape = {
  interval: z.enum([...INTERVALS, 'total']).openapi({ example: '1d' }),
  buckets: z.array(z.string()).openapi({
    description: 'Where each bucket begins, local time with offset. A bucket ends where the next begins.',
    example: ['2026-11-19T00:00:00+01:00', '2026-11-20T00:00:00+01:00', '2026-11-21T00:00:00+01:00'],
  }),
  incomplete: z
    .object({ first: z.boolean(), last: z.boolean() })
    .openapi({ description: 'Whether the range covers only a part of the first and of the last bucket.' }),
} as const;
