import { z } from '@hono/zod-openapi';

import { instantSchema } from './common.ts';

/** Worst first. */
export const HEALTH_STATES = ['red', 'yellow', 'green'] as const;

const checkSchema = z
  .object({
    name: z.string().openapi({ example: 'warehouse' }),
    status: z.enum(HEALTH_STATES),
    message: z.string().openapi({
      description: 'What is the matter and what to do, or that all is well.',
      example: 'The engine answers.',
    }),
    detail: z.string().optional().openapi({
      description: 'Names and numbers to it, where there are any; for whoever has `platform:read`.',
    }),
  })
  .openapi('HealthCheck');

/** Answer to `GET /api/health`. */
export const healthAnswerSchema = z
  .object({
    status: z.enum(HEALTH_STATES).openapi({ description: 'The worst of the checks.', example: 'green' }),
    checks: z.array(checkSchema),
  })
  .openapi('HealthAnswer');
export type HealthAnswer = z.infer<typeof healthAnswerSchema>;

/** Answer to `GET /api/ready`. */
export const readyAnswerSchema = z
  .object({
    ready: z.boolean().openapi({ description: 'Whether events are taken in and queries answered.' }),
    waiting_for: z.array(z.string()).openapi({ description: 'What is not ready yet.', example: [] }),
  })
  .openapi('ReadyAnswer');
export type ReadyAnswer = z.infer<typeof readyAnswerSchema>;

const optionSchema = z
  .object({
    option: z.string().openapi({
      description: 'As in aevum.config.json; on the command line behind `--`.',
      example: 'stale-limit-ms',
    }),
    group: z.string().openapi({ example: 'Limits' }),
    value: z.string().nullable().openapi({
      description: 'As it would be written. Null: not set, or a secret, which is never told.',
      example: '24h',
    }),
    secret: z.boolean(),
    default: z.boolean().openapi({ description: 'It is what it is without being set.' }),
    doc: z.string().openapi({ description: 'What it does.' }),
  })
  .openapi('OptionInForce');

/** Answer to `GET /api/system`. */
export const systemAnswerSchema = z
  .object({
    version: z.string().openapi({ example: '0.1.0' }),
    node: z.string().openapi({ description: 'Version of the runtime.', example: '26.10.0' }),
    platform: z.string().openapi({ example: 'linux x64' }),
    started_at: instantSchema,
    now: instantSchema,
    configuration: z
      .array(optionSchema)
      .openapi({ description: 'Every option, in the order of the reference.' }),
  })
  .openapi('SystemAnswer');
export type SystemAnswer = z.infer<typeof systemAnswerSchema>;

const metricSchema = z
  .object({
    name: z.string().openapi({ example: 'aevum_events_received_total' }),
    kind: z.enum(['counter', 'gauge', 'histogram']),
    help: z.string(),
    labels: z.record(z.string(), z.string()),
    value: z.number().openapi({ description: 'Histograms: the sum of what was observed.', example: 184_220 }),
    count: z.number().int().optional().openapi({ description: 'Histograms: the number of observations.' }),
    buckets: z
      .array(
        z.object({
          le: z.number().nullable().openapi({ description: 'Upper bound; null: no bound.' }),
          count: z.number().int(),
        }),
      )
      .optional()
      .openapi({ description: 'Histograms: observations up to each bound, cumulative as in Prometheus.' }),
  })
  .openapi('Metric');

/** Answer to `GET /api/metrics`. */
export const metricsAnswerSchema = z
  .object({ at: instantSchema, metrics: z.array(metricSchema) })
  .openapi('MetricsAnswer');
export type MetricsAnswer = z.infer<typeof metricsAnswerSchema>;
