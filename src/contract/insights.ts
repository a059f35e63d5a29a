import { z } from '@hono/zod-openapi';

import { askedPositionSchema } from './common.ts';
import { formatQuerySchema } from './formats.ts';
import { type QueryRequest, queryRequestSchema } from './query.ts';
import { asOfInputSchema, filterSchema, rangeSchema } from './question.ts';
import {
  fromVersionSchema,
  savedFields,
  savedStamps,
  versionParameterSchema,
  versionShape,
} from './saved.ts';
import { compareSchema } from './trend.ts';

/** How an answer may be drawn. */
export const DISPLAYS = [
  'line',
  'area',
  'bar',
  'number',
  'table',
  'funnel',
  'heatmap',
  'flow',
  'histogram',
  'intervals',
  'overview',
] as const;
export type DisplayName = (typeof DISPLAYS)[number];

/** How the answers to each kind of question may be drawn; what stands first is taken if nothing is said. */
export const DISPLAYS_OF: Readonly<
  Record<QueryRequest['kind'] | 'metric', readonly [DisplayName, ...DisplayName[]]>
> = {
  trend: ['line', 'area', 'bar', 'number', 'table'],
  metric: ['line', 'area', 'bar', 'number', 'table'],
  metric_windows: ['table'],
  funnel: ['funnel', 'bar', 'number', 'table'],
  funnel_users: ['table'],
  paths: ['flow', 'table'],
  sessions: ['line', 'area', 'bar', 'number', 'table'],
  web: ['overview', 'line', 'number', 'table'],
  revenue: ['line', 'area', 'bar', 'number', 'table'],
  attribution: ['bar', 'table'],
  statistics: ['histogram', 'number', 'table'],
  experiment: ['intervals', 'table'],
  retention: ['heatmap', 'line', 'table'],
  lifecycle: ['bar', 'area', 'table'],
  stickiness: ['bar', 'line', 'number', 'table'],
};

const UNIT_MAX = 20;
const MEASURE_MAX = 100;
const DECIMALS_MAX = 6;

/** How an answer is drawn. */
export const displaySchema = z
  .strictObject({
    as: z.enum(DISPLAYS).openapi({
      description: 'Which of them suit, the kind of the question decides; a table suits all.',
      example: 'line',
    }),
    measure: z.string().min(1).max(MEASURE_MAX).optional().openapi({
      description:
        'Where an answer has several numbers: the one that is drawn, by its name in the answer (`orders`, `bounce_rate`).',
      example: 'orders',
    }),
    stacked: z.boolean().default(false).openapi({ description: 'Areas and bars: one on top of the other.' }),
    legend: z.boolean().default(true),
    labels: z.boolean().default(false).openapi({ description: 'Numbers stand beside what is drawn.' }),
    scale: z.enum(['linear', 'log']).default('linear'),
    unit: z
      .string()
      .max(UNIT_MAX)
      .default('')
      .openapi({ description: 'Stands behind the numbers.', example: '%' }),
    decimals: z.number().int().min(0).max(DECIMALS_MAX).optional(),
    goal: z.number().optional().openapi({ description: 'A line that is drawn at this value.' }),
  })
  .openapi('Display', { example: { as: 'line', stacked: false, legend: true } });
export type Display = z.infer<typeof displaySchema>;

const insightFields = {
  ...savedFields,
  question: queryRequestSchema.openapi({
    description:
      'What is asked: any question of `POST /api/query`, without `as_of`. Relative ranges stay relative. It is checked as if it were asked.',
  }),
  display: displaySchema.optional().openapi({ description: 'What suits the kind of question if absent.' }),
} as const;

/** An insight to be saved. */
export const newInsightSchema = z.strictObject(insightFields).openapi('NewInsight', {
  example: {
    name: 'Buyers by country',
    description: '',
    tags: ['weekly'],
    question: {
      kind: 'trend',
      measure: 'unique_users',
      types: ['purchase'],
      by: ['country'],
      range: 'last 30 days',
    },
    display: { as: 'area', stacked: true },
  },
});
export type NewInsight = z.infer<typeof newInsightSchema>;
/** The same as it may be written: what has a default may be left out. */
export type NewInsightInput = z.input<typeof newInsightSchema>;

/** What an insight shall be from now on. */
export const insightChangeSchema = z
  .strictObject({ ...insightFields, version: fromVersionSchema })
  .openapi('InsightChange');
export type InsightChange = z.infer<typeof insightChangeSchema>;

const idSchema = z.string().openapi({ param: { name: 'id', in: 'path' }, example: 'ins_00112233445566ff' });

/** The address of an insight. */
export const insightPathSchema = z.object({ id: idSchema });

/** The address of a version of an insight. */
export const insightVersionPathSchema = z.object({ id: idSchema, version: versionParameterSchema });

const insightIdSchema = z.string().openapi({ example: 'ins_00112233445566ff' });

/** A saved insight. */
export const insightSchema = z
  .object({ id: insightIdSchema, ...insightFields, display: displaySchema, ...savedStamps })
  .openapi('Insight');
export type InsightAnswer = z.infer<typeof insightSchema>;

/** All insights of a project. */
export const insightsAnswerSchema = z
  .object({
    insights: z
      .array(
        z
          .object({
            id: insightIdSchema,
            ...savedFields,
            kind: z.string().openapi({ description: 'Of its question.', example: 'trend' }),
            display: displaySchema,
            ...savedStamps,
          })
          .openapi('InsightInList'),
      )
      .openapi({ description: 'By name.' }),
  })
  .openapi('InsightsAnswer');
export type InsightsAnswer = z.infer<typeof insightsAnswerSchema>;

/** An insight as it was. */
export const insightVersionSchema = z
  .object({ id: insightIdSchema, ...insightFields, display: displaySchema, ...versionShape })
  .openapi('InsightVersion');
export type InsightVersion = z.infer<typeof insightVersionSchema>;

/** Asks the question of an insight, changed here and there. */
export const askInsightSchema = z
  .strictObject({
    range: rangeSchema.optional().openapi({ description: 'In the place of that of the question.' }),
    timezone: z.string().max(64).optional().openapi({ example: 'Europe/Berlin' }),
    filter: filterSchema.optional().openapi({ description: 'Must hold as well as that of the question.' }),
    compare: z
      .union([compareSchema, z.boolean(), z.null()])
      .optional()
      .openapi({ description: 'As the kind of question takes it; null: no comparison.' }),
    as_of: asOfInputSchema,
    explain: z.boolean().optional(),
  })
  .openapi('AskInsight', { example: { range: 'last 7 days', timezone: 'Europe/Berlin' } });
export type AskInsight = z.infer<typeof askInsightSchema>;

/** The same in an address, for downloads. */
export const answerInsightQuerySchema = formatQuerySchema.extend({
  range: z.string().max(64).optional().openapi({
    description: 'In words, in the place of that of the question.',
    example: 'last 7 days',
  }),
  timezone: z.string().max(64).optional().openapi({ example: 'Europe/Berlin' }),
  as_of: askedPositionSchema.optional(),
});
