import { z } from '@hono/zod-openapi';

import { instantSchema } from './common.ts';

/** Bounds of questions that are answered later. */
export const JOB_LIMITS = {
  /** Answered at a time; the others wait. */
  runningMax: 2,
  /** Running or waiting, of all projects together. */
  pendingMax: 100,
  /** Running or waiting, of one project. */
  pendingPerProject: 10,
  /** Answers that are kept, bytes of all together as JSON. */
  bytesMax: 64 * 1024 * 1024,
  /** Questions that are remembered after their end. */
  endedMax: 500,
  /** How long an answer is kept, milliseconds. */
  keptMs: 15 * 60_000,
  /** So often answering a question is begun; more than once where the program ended meanwhile. */
  attemptsMax: 3,
  /** How long a statement may take, milliseconds. */
  timeoutMs: 10 * 60_000,
} as const;

/** Whether a question that is answered later is, by now. */
export const JOB_STATES = ['waiting', 'running', 'done', 'failed', 'cancelled'] as const;
export type JobState = (typeof JOB_STATES)[number];

const idSchema = z.string().max(100).openapi({ example: 'q_8fJm2QhXk1vY4sT0aRzP6w' });

/** Path of the routes about one question. */
export const jobPathSchema = z.object({ id: idSchema });

/** A question that is answered later. */
export const queryJobSchema = z
  .object({
    id: idSchema,
    kind: z.string().openapi({ example: 'trend' }),
    state: z.enum(JOB_STATES).openapi({ example: 'running' }),
    asked_at: instantSchema,
    started_at: instantSchema.nullable(),
    ended_at: instantSchema.nullable(),
    expires_at: instantSchema.nullable().openapi({
      description: 'When the answer is forgotten, if there is room until then. Null before the end.',
    }),
    progress: z.object({
      statements: z.number().int().openapi({ description: 'Statements that are done.', example: 1 }),
      rows_read: z.number().int().openapi({ description: 'Rows that they read.', example: 5400 }),
    }),
    error: z
      .object({ code: z.string(), message: z.string() })
      .nullable()
      .openapi({ description: 'Why it failed.' }),
  })
  .openapi('QueryJob');
export type QueryJob = z.infer<typeof queryJobSchema>;
