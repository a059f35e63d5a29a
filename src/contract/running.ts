import { z } from '@hono/zod-openapi';

import { ACTOR_KINDS } from '../access/audit-entry.ts';
import { instantSchema } from './common.ts';

/** Bounds of the list of what is asked. */
export const RUNNING_LIMITS = {
  /** Questions that are listed, the oldest first; all are counted. */
  queriesMax: 200,
  /** Statements of the platform's own work that are listed. */
  workMax: 100,
  /** A statement that is longer is cut. */
  statementCharsMax: 2_000,
} as const;

/** The ways by which a question comes. */
export const ASKED_BY = ['request', 'board', 'share', 'job', 'export', 'live'] as const;
export type AskedWay = (typeof ASKED_BY)[number];

/** `waiting`: for its turn, or for a place in the engine. `ending`: it was ended, and its statement is being stopped. */
export const RUNNING_STATES = ['waiting', 'running', 'ending'] as const;
export type RunningState = (typeof RUNNING_STATES)[number];

const idSchema = z.string().max(64).openapi({ example: 'r_8fJm2QhXk1vY4sT0' });

/** Path of the route that ends one. */
export const runningPathSchema = z.object({ id: idSchema });

const askerSchema = z
  .object({
    kind: z.enum(ACTOR_KINDS),
    id: z.string().openapi({ example: 'aBcD1234' }),
    name: z.string().openapi({ example: 'ada@example.com' }),
  })
  .openapi('Asker');

const statementSchema = {
  statement: z.string().nullable().openapi({
    description:
      'The SQL under way, without values: parameters stand as `{p1:String}`, and texts and numbers that somebody wrote in SQL as `?`. Null between two statements.',
    example: 'SELECT count() FROM events WHERE project = {p1:String}',
  }),
  statement_cut: z.boolean().openapi({ description: 'It goes on.' }),
  elapsed_ms: z.number().openapi({ example: 1_840 }),
  rows_total: z
    .number()
    .nullable()
    .openapi({ description: 'What the engine expects to read for it in all. Null: not known.' }),
  memory_bytes: z
    .number()
    .nullable()
    .openapi({ description: 'What it takes in the engine now. Null: not known.' }),
};

const runningQuerySchema = z
  .object({
    id: idSchema,
    kind: z.string().openapi({
      description: 'The kind of an insight, or what else was asked: `sql`, `events`, `users`, `ledger` ...',
      example: 'funnel',
    }),
    way: z.enum(ASKED_BY).openapi({ description: 'How it came.' }),
    project: z.string().openapi({ example: 'shop' }),
    asker: askerSchema.nullable().openapi({
      description:
        'Who asked. Of an export its owner. Null for what several follow live, which is asked once for all.',
    }),
    asked_at: instantSchema,
    state: z.enum(RUNNING_STATES),
    statements: z.object({
      done: z.number().int().openapi({ description: 'Statements that are answered.' }),
      running: z.number().int(),
      waiting: z.number().int().openapi({ description: 'Those that wait for a place in the engine.' }),
    }),
    rows_read: z.number().openapi({ description: 'By statements that are done and under way.' }),
    ...statementSchema,
  })
  .openapi('RunningQuery');
export type RunningQueryAnswer = z.infer<typeof runningQuerySchema>;

const workSchema = z
  .object({
    kind: z.enum(['load', 'read', 'change']).openapi({
      description:
        '`load`: events on their way into the warehouse. `read`: the platform looks something up. `change`: tables are filled, merged or changed.',
    }),
    state: z.enum(['waiting', 'running']),
    rows_read: z.number().nullable(),
    ...statementSchema,
  })
  .openapi('PlatformWork', { description: 'A statement of the platform itself. It cannot be ended.' });
export type PlatformWork = z.infer<typeof workSchema>;

/** Answer to `GET /api/system/queries`. */
export const runningQueriesSchema = z
  .object({
    now: instantSchema,
    total: z.number().int().openapi({ description: 'Questions under way, also those not listed.' }),
    queries: z.array(runningQuerySchema).openapi({ description: 'The oldest first.' }),
    work: z.array(workSchema).openapi({ description: 'What the platform itself asks of the engine.' }),
    engine: z.enum(['ok', 'silent']).openapi({
      description:
        '`silent`: the engine did not say in time what it does. Then it is not known how far statements are, and the work of the platform is not listed.',
    }),
  })
  .openapi('RunningQueriesAnswer');
export type RunningQueriesAnswer = z.infer<typeof runningQueriesSchema>;

/** Answer to `DELETE /api/system/queries/{id}`. */
export const endedQuerySchema = z
  .object({ id: idSchema, state: z.enum(['ending']) })
  .openapi('EndedQuery', { description: 'Its statement is being stopped, and who asked is told.' });
export type EndedQuery = z.infer<typeof endedQuerySchema>;
