import { z } from '@hono/zod-openapi';

import { instantSchema } from './common.ts';
import {
  answerShape,
  asOfInputSchema,
  axisShape,
  bySchema,
  durationSchema,
  explainSchema,
  fieldSchema,
  filterSchema,
  INTERVAL_CHOICES,
  INTERVALS,
  QUERY_LIMITS,
  rangeSchema,
  selectorSchema,
  timeZoneSchema,
} from './question.ts';
import {
  comparedPeriodSchema,
  compareSchema,
  formulaSchema,
  requestedSeriesSchema,
  seriesSchema,
  smoothSchema,
} from './trend.ts';

/** Limits of metrics. */
export const METRIC_LIMITS = {
  /** Metrics of one project. */
  metricsMax: 500,
  /** Metrics of one project with windows of sessions or counts: each is worked on with every event. */
  keyedMax: 20,
  /** Fields that a metric may be broken down by. */
  dimensionsMax: 10,
  /** Characters of a definition, as JSON. */
  definitionMax: 20_000,
  /** Characters of a name. */
  nameMax: 64,
  /** Characters of a title. */
  titleMax: 100,
  /** Characters of a description. */
  descriptionMax: 1_000,
  /** Characters of a unit. */
  unitMax: 30,
  /** Gaps of session windows. */
  gapMin: '1s',
  gapMax: '24h',
  /** Events of a count window. */
  everyMax: 1_000_000,
} as const;

/** Names of metrics: what questions say. */
export const METRIC_NAME = /^[a-z][a-z0-9_]*$/u;

/** Ids begin so, and names do not: what a question names is one or the other. */
export const METRIC_ID_PREFIX = 'met_';

/** Whose events session and count windows hold together. */
export const WINDOW_KEYS = ['user_id', 'session_id'] as const;
export type WindowKey = (typeof WINDOW_KEYS)[number];

const stepSchema = z.enum(INTERVALS);

const tumblingSchema = z
  .strictObject({
    kind: z.literal('tumbling'),
    size: stepSchema.openapi({ description: 'Days, weeks and months are those of `timezone`.' }),
  })
  .openapi('TumblingWindow', {
    description: 'Windows side by side: every event is in one.',
    example: { kind: 'tumbling', size: '1d' },
  });

const slidingSchema = z
  .strictObject({
    kind: z.literal('sliding'),
    size: z.string().max(32).openapi({
      description: 'How far a window reaches back: a multiple of `every` such as `5m`, `7d`, `3M`.',
      example: '5m',
    }),
    every: stepSchema.openapi({ description: 'How often one ends.', example: '30s' }),
  })
  .openapi('SlidingWindow', {
    description: 'Windows that overlap (hopping): each reaches back over `size`, one ends `every` so often.',
    example: { kind: 'sliding', size: '5m', every: '30s' },
  });

const cumulativeSchema = z
  .strictObject({ kind: z.literal('cumulative'), every: stepSchema })
  .openapi('CumulativeWindow', {
    description: 'Windows that all begin where the range does; one ends `every` so often.',
    example: { kind: 'cumulative', every: '1h' },
  });

const sessionSchema = z
  .strictObject({
    kind: z.literal('session'),
    gap: durationSchema.openapi({
      description: 'A window ends where no event follows within that. From `1s` to `24h`.',
      example: '30m',
    }),
    by: z.enum(WINDOW_KEYS).default('user_id'),
  })
  .openapi('SessionWindow', {
    description:
      'Windows as long as the events of a user (or of a `session_id`) keep coming. Late events lengthen a window or join two.',
    example: { kind: 'session', gap: '30m', by: 'user_id' },
  });

const countSchema = z
  .strictObject({
    kind: z.literal('count'),
    every: z.number().int().min(1).max(METRIC_LIMITS.everyMax),
    by: z.enum(WINDOW_KEYS).optional().openapi({
      description: 'Counts for each user or `session_id` apart. All events together if absent.',
    }),
  })
  .openapi('CountWindow', {
    description: 'Windows of so many events, in the order in which they were taken in.',
    example: { kind: 'count', every: 100 },
  });

/** What a number of a metric is measured over. */
export const metricWindowSchema = z
  .discriminatedUnion('kind', [tumblingSchema, slidingSchema, cumulativeSchema, sessionSchema, countSchema])
  .openapi('MetricWindow');
export type MetricWindow = z.infer<typeof metricWindowSchema>;
/** Windows that the events themselves make: the processor keeps them. */
export type KeyedWindow = Extract<MetricWindow, { kind: 'session' | 'count' }>;
/** Windows of the calendar and the clock: what trends are made of. */
export type TimeWindow = Exclude<MetricWindow, KeyedWindow>;

const metricFields = {
  name: z
    .string()
    .max(METRIC_LIMITS.nameMax)
    .regex(METRIC_NAME, 'takes lower-case letters, digits and underscores, a letter first')
    .refine((name) => !name.startsWith(METRIC_ID_PREFIX), {
      message: `Names do not begin with "${METRIC_ID_PREFIX}": ids do`,
    })
    .openapi({
      description: 'What questions say: once in a project. Not beginning with `met_`.',
      example: 'revenue_per_order',
    }),
  title: z.string().trim().min(1).max(METRIC_LIMITS.titleMax).openapi({
    description: 'What people read.',
    example: 'Revenue per order',
  }),
  description: z.string().max(METRIC_LIMITS.descriptionMax).default(''),
  unit: z.string().trim().max(METRIC_LIMITS.unitMax).default('').openapi({
    description: 'What stands behind its numbers: `orders`, `EUR`, `%`. Said, not computed with.',
    example: 'EUR',
  }),
  events: selectorSchema.default({}).openapi({
    description: 'The events that it measures. Every event if absent.',
    example: 'purchase',
  }),
  measures: z
    .array(requestedSeriesSchema)
    .min(1)
    .max(QUERY_LIMITS.seriesMax)
    .default([{ measure: 'count', hidden: false }])
    .openapi({
      description:
        'What it measures of them: one measure, or several, named A, B, C and so on by `formula`. Session and count windows take `count`, `sum`, `avg`, `min` and `max`, of one field.',
      example: [{ measure: { kind: 'sum', of: 'value' } }],
    }),
  formula: z
    .array(formulaSchema)
    .min(1)
    .max(QUERY_LIMITS.seriesMax)
    .optional()
    .openapi({
      description:
        'Computed from the measures: a ratio is `A / B`. Measures that are there for it alone are `hidden`.',
      example: ['A / B'],
    }),
  dimensions: z
    .array(fieldSchema)
    .max(METRIC_LIMITS.dimensionsMax)
    .default([])
    .openapi({
      description: 'Fields by which it may be broken down. Session and count windows have none.',
      example: ['country'],
    }),
  window: metricWindowSchema.default({ kind: 'tumbling', size: '1d' }),
  timezone: timeZoneSchema.openapi({
    description: 'Whose days, weeks and months, unless a question says otherwise: an IANA name.',
    example: 'Europe/Berlin',
  }),
  rollup: z.enum(['auto', 'always', 'never']).default('auto').openapi({
    description: 'Whether its numbers are kept ready. `auto`: when it is worth it.',
  }),
} as const;

/** What a metric measures, and how. */
export const metricDefinitionSchema = z.strictObject(metricFields);
export type MetricDefinition = z.infer<typeof metricDefinitionSchema>;

const METRIC_EXAMPLE = {
  name: 'revenue_per_order',
  title: 'Revenue per order',
  description: 'What an order brings, before returns.',
  unit: 'EUR',
  events: { types: ['purchase'], filter: { field: 'currency', op: 'eq' as const, value: 'EUR' } },
  measures: [
    { name: 'Revenue', measure: { kind: 'sum' as const, of: 'value' }, hidden: true },
    { name: 'Orders', measure: 'count' as const, hidden: true },
  ],
  formula: [{ name: 'Revenue per order', formula: 'A / B' }],
  dimensions: ['country'],
  window: { kind: 'tumbling' as const, size: '1d' as const },
  timezone: 'Europe/Berlin',
};

/** A metric to be made. */
export const newMetricSchema = metricDefinitionSchema.openapi('NewMetric', { example: METRIC_EXAMPLE });
export type NewMetric = z.infer<typeof newMetricSchema>;

/** What a metric shall be from now on. */
export const metricChangeSchema = z
  .strictObject({
    ...metricFields,
    version: z.number().int().min(1).openapi({
      description: 'The version that this change was made from: if there is a later one, 409.',
    }),
  })
  .openapi('MetricChange');
export type MetricChange = z.infer<typeof metricChangeSchema>;

/** The address of a metric. */
export const metricPathSchema = z.object({
  id: z.string().openapi({ param: { name: 'id', in: 'path' }, example: 'met_00112233445566ff' }),
});

const versionSchema = z.number().int().openapi({ description: 'One more with each change.', example: 1 });

const keptSchema = z
  .object({
    state: z.enum(['none', 'filling', 'ready']).openapi({
      description:
        '`filling`: what it does not hold yet is counted from the events; answers are the same, and slower.',
      example: 'ready',
    }),
    reason: z.string().nullable().openapi({ description: 'Why nothing is kept.', example: null }),
    rows: z.number().int().openapi({ example: 70_264 }),
    bytes: z.number().int().openapi({ description: 'On disk.', example: 4_100_000 }),
    filled: z
      .number()
      .openapi({ description: 'Part of the loaded records that is in it, 0 to 1.', example: 1 }),
    seconds: z.number().openapi({
      description: 'Spent on filling it since the platform was started.',
      example: 12.5,
    }),
    last_asked_at: instantSchema.nullable().openapi({
      description: 'When the metric was asked for last, since the platform was started.',
    }),
  })
  .nullable()
  .openapi('KeptMetric', {
    description: 'What is kept ready of it in a table of its own, and what that costs. Null: not known now.',
  });

/** A saved metric. */
export const metricSchema = z
  .object({
    id: z.string().openapi({ example: 'met_00112233445566ff' }),
    ...metricFields,
    version: versionSchema,
    kept: keptSchema,
    created_at: instantSchema,
    updated_at: instantSchema,
    updated_by: z.string().openapi({ description: 'Who saved it last.', example: 'ada' }),
  })
  .openapi('MetricDefinition');
export type MetricSaved = z.infer<typeof metricSchema>;

/** All metrics of a project. */
export const metricDefinitionsAnswerSchema = z
  .object({ metrics: z.array(metricSchema).openapi({ description: 'By name.' }) })
  .openapi('MetricDefinitionsAnswer');
export type MetricDefinitionsAnswer = z.infer<typeof metricDefinitionsAnswerSchema>;

/** A metric that is no more. */
export const removedMetricSchema = z
  .object({ id: z.string(), removed: z.literal(true) })
  .openapi('RemovedMetric');
export type RemovedMetric = z.infer<typeof removedMetricSchema>;

/** How the windows of a bucket are put together to one number. */
export const WINDOW_SUMMARIES = ['avg', 'sum', 'min', 'max', 'median'] as const;
export type WindowSummary = (typeof WINDOW_SUMMARIES)[number];

/** A metric, asked for by its id or its name. */
export const metricRequestSchema = z
  .strictObject({
    kind: z.literal('metric'),
    metric: z.string().min(1).max(METRIC_LIMITS.nameMax).openapi({
      description: 'Its id or its name. The id stays when it is called otherwise.',
      example: 'revenue_per_order',
    }),
    range: rangeSchema.default('last 24 hours'),
    interval: z.enum(INTERVAL_CHOICES).optional().openapi({
      description:
        'Width of the buckets: the size (or the step) of the window if absent, otherwise that or a longer one. `auto`: the finest with at most 120 buckets. Of session and count windows: what they are gathered by, `auto` if absent; a window belongs where it begins.',
      example: '1d',
    }),
    timezone: z.string().max(64).optional().openapi({
      description: 'Whose days, weeks and months: those of the metric if absent.',
      example: 'Europe/Berlin',
    }),
    by: bySchema.openapi({
      description: 'Break down by one or two of its dimensions.',
      example: ['country'],
    }),
    top: z.number().int().min(1).max(QUERY_LIMITS.topMax).default(10).openapi({
      description:
        'With `by`: so many groups with the largest totals of the first measure are named; all others are one group `other`.',
    }),
    filter: filterSchema.optional().openapi({
      description: 'Narrows the events further, by any field. Not for session and count windows.',
    }),
    summary: z.enum(WINDOW_SUMMARIES).optional().openapi({
      description:
        'Session and count windows: what is shown of the numbers of those of a bucket. `avg` if absent.',
    }),
    source: z.enum(['auto', 'events']).default('auto').openapi({
      description: '`events` counts the raw events even where something that is kept ready answers the same.',
    }),
    smooth: smoothSchema,
    compare: compareSchema.optional(),
    as_of: asOfInputSchema,
    explain: explainSchema,
  })
  .openapi('MetricRequest', {
    example: { kind: 'metric', metric: 'revenue_per_order', range: 'last 7 days', by: ['country'] },
  });
export type MetricRequest = z.infer<typeof metricRequestSchema>;

/** What answers say of the metric that they are of. */
export const askedMetricSchema = z
  .object({
    id: z.string().openapi({ example: 'met_00112233445566ff' }),
    name: z.string().openapi({ example: 'revenue_per_order' }),
    title: z.string().openapi({ example: 'Revenue per order' }),
    unit: z.string().openapi({ example: 'EUR' }),
    version: versionSchema.openapi({ description: 'The version of the definition that was asked.' }),
    window: metricWindowSchema,
  })
  .openapi('AskedMetric');

const openWindowSchema = z
  .object({
    from: instantSchema,
    to: instantSchema.openapi({ description: 'Its end, not included.' }),
    final: z.boolean().openapi({
      description:
        'No live event can change it any more. Imported history can: it has no stale limit. Session and count windows: all windows of the bucket are so.',
    }),
    closes_at: instantSchema.openapi({
      description:
        'Up to then late events are taken in: its end, the stale limit and a minute for events that are under way.',
    }),
  })
  .openapi('BucketWindow');
export type BucketWindow = z.infer<typeof openWindowSchema>;

/** What a metric was read from. */
export const METRIC_SOURCES = [...answerShape.source.options, 'metric_windows'] as const;

/** Answer to a metric. */
export const metricAnswerSchema = z
  .object({
    kind: z.literal('metric'),
    metric: askedMetricSchema,
    ...answerShape,
    source: z.enum(METRIC_SOURCES).openapi({
      description: 'What was counted. `metric_windows`: the session and count windows, as they are kept.',
    }),
    ...axisShape,
    windows: z.array(openWindowSchema).openapi({
      description: 'One a bucket: what its numbers are measured over, and whether they can still change.',
    }),
    compared: comparedPeriodSchema,
    series: z.array(seriesSchema).openapi({
      description:
        'Measures that are not hidden, then formulas, as in answers to trends. Session and count windows: how many begin in each bucket (`windows`), how many seconds lie between their first and last event (`duration`), then the measures; of all but the first what `summary` says.',
    }),
  })
  .openapi('MetricAnswer');
export type MetricAnswer = z.infer<typeof metricAnswerSchema>;
