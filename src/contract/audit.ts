import { z } from '@hono/zod-openapi';

import { ACTOR_KINDS, AUDIT_ACTIONS, AUDIT_OUTCOMES, type AuditAction } from '../access/audit-entry.ts';
import { instantSchema, nextCursorSchema } from './common.ts';

const ACTION_NAMES = Object.keys(AUDIT_ACTIONS) as [AuditAction, ...AuditAction[]];

const actionSchema = z.enum(ACTION_NAMES).openapi({ example: 'key.created' });

const pointSchema = z.iso.datetime({ offset: true }).openapi({ example: '2026-11-20T12:00:00Z' });

/** Entries of one page. */
export const AUDIT_PAGE = { default: 100, max: 1_000 } as const;

/** Query string of `GET /api/audit`. */
export const auditQuerySchema = z.strictObject({
  all: z.enum(['true', 'false']).default('false').openapi({
    description:
      'Entries of all projects, and those of none, as sessions of the operator. For those who administer all projects.',
  }),
  action: actionSchema.optional().openapi({ description: 'Only this action.' }),
  actor: z
    .string()
    .min(1)
    .max(300)
    .optional()
    .openapi({ description: 'Only what the actor of this id did.', example: 'key_3f9a1c04b7de' }),
  outcome: z.enum(AUDIT_OUTCOMES).optional(),
  since: pointSchema.optional().openapi({ description: 'Only entries from this instant on, ISO 8601.' }),
  until: pointSchema.optional().openapi({ description: 'Only entries before this instant, ISO 8601.' }),
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(AUDIT_PAGE.max)
    .default(AUDIT_PAGE.default)
    .openapi({ description: 'Entries of the page.' }),
  cursor: z
    .string()
    .regex(/^\d{1,15}$/, 'is not a cursor: send the "next_cursor" of the page before as it is')
    .optional()
    .openapi({ description: 'Goes on behind an earlier page: its `next_cursor`.', example: '4612' }),
  project: z.string().max(100).optional().openapi({
    description: 'For sessions: the project. The first that the session sees, if left out.',
  }),
});

const entrySchema = z
  .object({
    sequence: z.number().int().openapi({ description: '1, 2, 3 ... without gaps.', example: 4711 }),
    at: instantSchema,
    actor: z.object({
      kind: z.enum(ACTOR_KINDS).openapi({
        description:
          'A key, a user who is signed in, a session opened by a printed link, the platform itself, or a command beside it.',
      }),
      id: z.string().openapi({ example: 'key_3f9a1c04b7de' }),
      name: z.string().openapi({ description: 'What it was called then.', example: 'Team of the shop' }),
    }),
    organisation: z.string().nullable().openapi({ example: null }),
    project: z.string().nullable().openapi({
      description:
        'Id of the project: its name, and a number behind `~` if there were others of the name before.',
      example: 'shop',
    }),
    action: actionSchema,
    object: z.string().openapi({ description: 'What it was done to: an id.', example: 'key_77ab01c2d3e4' }),
    outcome: z.enum(AUDIT_OUTCOMES),
    detail: z
      .record(z.string(), z.unknown())
      .openapi({ description: 'More about it. Never secrets, never anything out of events.' }),
    previous: z.string().openapi({ description: 'Hash of the entry before.', example: '2c26b46b68ff...' }),
    hash: z.string().openapi({
      description: 'SHA-256 of this entry as described on the page "Audit log".',
      example: 'fcde2b2edba5...',
    }),
  })
  .openapi('AuditEntry');

/** Answer to `GET /api/audit`. */
export const auditAnswerSchema = z
  .object({
    entries: z.array(entrySchema).openapi({ description: 'Newest first.' }),
    next_cursor: nextCursorSchema,
    head: z.string().openapi({
      description: 'The end of the whole log, for `aevum verify --expect`.',
      example: '4711:fcde2b2edba5...',
    }),
    oldest: z.number().int().nullable().openapi({
      description:
        'The oldest entry that can be asked for. Older ones are in files: see the page "Audit log".',
      example: 1,
    }),
  })
  .openapi('AuditAnswer');
export type AuditAnswer = z.infer<typeof auditAnswerSchema>;
