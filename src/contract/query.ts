import { z } from '@hono/zod-openapi';

import { attributionAnswerSchema, attributionRequestSchema } from './attribution.ts';
import { experimentAnswerSchema, experimentRequestSchema } from './experiment.ts';
import {
  funnelAnswerSchema,
  funnelRequestSchema,
  funnelUsersAnswerSchema,
  funnelUsersRequestSchema,
} from './funnel.ts';
import { lifecycleAnswerSchema, lifecycleRequestSchema } from './lifecycle.ts';
import { metricAnswerSchema, metricRequestSchema } from './metrics.ts';
import { metricWindowsAnswerSchema, metricWindowsRequestSchema } from './metric-windows.ts';
import { pathsAnswerSchema, pathsRequestSchema } from './paths.ts';
import { retentionAnswerSchema, retentionRequestSchema } from './retention.ts';
import { revenueAnswerSchema, revenueRequestSchema } from './revenue.ts';
import { sessionsAnswerSchema, sessionsRequestSchema } from './sessions.ts';
import { statisticsAnswerSchema, statisticsRequestSchema } from './statistics.ts';
import { stickinessAnswerSchema, stickinessRequestSchema } from './stickiness.ts';
import { trendAnswerSchema, trendRequestSchema } from './trend.ts';
import { webAnswerSchema, webRequestSchema } from './web.ts';

/** Every question that `POST /api/query` answers, told apart by `kind`. */
export const queryRequestSchema = z
  .discriminatedUnion('kind', [
    trendRequestSchema,
    metricRequestSchema,
    metricWindowsRequestSchema,
    funnelRequestSchema,
    funnelUsersRequestSchema,
    pathsRequestSchema,
    sessionsRequestSchema,
    webRequestSchema,
    revenueRequestSchema,
    attributionRequestSchema,
    statisticsRequestSchema,
    experimentRequestSchema,
    retentionRequestSchema,
    lifecycleRequestSchema,
    stickinessRequestSchema,
  ])
  .openapi('QueryRequest');
export type QueryRequest = z.infer<typeof queryRequestSchema>;
/** A question as it may be written: what has a default may be left out. */
export type QuestionInput = z.input<typeof queryRequestSchema>;

/** Answers to `POST /api/query`, told apart by `kind`. */
export const queryAnswerSchema = z
  .discriminatedUnion('kind', [
    trendAnswerSchema,
    metricAnswerSchema,
    metricWindowsAnswerSchema,
    funnelAnswerSchema,
    funnelUsersAnswerSchema,
    pathsAnswerSchema,
    sessionsAnswerSchema,
    webAnswerSchema,
    revenueAnswerSchema,
    attributionAnswerSchema,
    statisticsAnswerSchema,
    experimentAnswerSchema,
    retentionAnswerSchema,
    lifecycleAnswerSchema,
    stickinessAnswerSchema,
  ])
  .openapi('QueryAnswer');
export type QueryAnswer = z.infer<typeof queryAnswerSchema>;
