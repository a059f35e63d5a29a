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
      example: 'Answers in 3 ms.',
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
