import { z } from '@hono/zod-openapi';

import { instantSchema } from './common.ts';
import { askedMetricSchema, METRIC_LIMITS, METRIC_SOURCES } from './metrics.ts';
import { answerShape, asOfInputSchema, explainSchema, QUERY_LIMITS, rangeSchema } from './question.ts';

/** Limits of lists of windows. */
export const METRIC_WINDOWS_LIMITS = {
  /** Windows of one answer. */
  listMax: 1_000,
} as const;

/** Single windows of a metric of sessions or counts, those that begin last first. */
export const metricWindowsRequestSchema = z
  .strictObject({
    kind: z.literal('metric_windows'),
    metric: z.string().min(1).max(METRIC_LIMITS.nameMax).openapi({
      description: 'The id or the name of a metric with session or count windows.',
      example: 'visits',
    }),
    key: z.string().min(1).max(QUERY_LIMITS.textMax).optional().openapi({
      description: 'Only windows of this user or session: a value of the field `by` of the metric.',
      example: 'ada',
    }),
    range: rangeSchema.default('last 24 hours').openapi({ description: 'Windows that begin then.' }),
    timezone: z.string().max(64).optional().openapi({
      description: 'Whose days a range means: those of the metric if absent.',
      example: 'Europe/Berlin',
    }),
    limit: z
      .number()
      .int()
      .min(1)
      .max(METRIC_WINDOWS_LIMITS.listMax)
      .default(100)
      .openapi({ description: 'Windows in the answer. For earlier ones end the range earlier.' }),
    as_of: asOfInputSchema,
    explain: explainSchema,
  })
  .openapi('MetricWindowsRequest', {
    example: { kind: 'metric_windows', metric: 'visits', key: 'ada', range: 'last 7 days' },
  });
export type MetricWindowsRequest = z.infer<typeof metricWindowsRequestSchema>;

const numberSchema = z.number().openapi({ example: 12.5 });

const measuredSchema = z
  .object({
    currency: z.string().nullable().openapi({ description: 'Null: none, or no money.', example: 'EUR' }),
    count: z.number().int().openapi({ description: 'Events that have a number.', example: 2 }),
    ...{ sum: numberSchema, avg: numberSchema, min: numberSchema, max: numberSchema },
  })
  .openapi('MeasuredInWindow');

const windowSchema = z
  .object({
    key: z.string().nullable().openapi({
      description: 'Whose events it holds. Null: a window of all events.',
      example: 'ada',
    }),
    start: instantSchema.openapi({ description: 'The time of its first event.' }),
    end: instantSchema.openapi({ description: 'The time of its last event.' }),
    events: z.number().int().openapi({ example: 7 }),
    final: z.boolean().openapi({
      description: 'No live event can change it any more. Imported history can: it has no stale limit.',
    }),
    measured: z.array(measuredSchema).openapi({
      description: 'Of the field that the metric measures, one entry a currency. Empty: it measures none.',
    }),
  })
  .openapi('MetricWindowAnswer');
export type MetricWindowAnswer = z.infer<typeof windowSchema>;

/** Answer to a list of windows. */
export const metricWindowsAnswerSchema = z
  .object({
    kind: z.literal('metric_windows'),
    metric: askedMetricSchema,
    ...answerShape,
    source: z.enum(METRIC_SOURCES).openapi({
      description: '`metric_windows`: windows as they are kept. `events`: made of the events, the same.',
    }),
    windows: z.array(windowSchema).openapi({ description: 'Those that begin last first.' }),
    more: z.boolean().openapi({ description: 'Earlier windows of the range are left out.' }),
  })
  .openapi('MetricWindowsAnswer');
export type MetricWindowsAnswer = z.infer<typeof metricWindowsAnswerSchema>;
