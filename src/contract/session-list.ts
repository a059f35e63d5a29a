import { z } from '@hono/zod-openapi';

import {
  asOfParameterSchema,
  cursorSchema,
  instantParameterSchema,
  instantSchema,
  nextCursorSchema,
} from './common.ts';
import { storedEventSchema } from './event.ts';
import { PAGE_LIMITS } from './events.ts';
import { answerShape, timeZoneSchema } from './question.ts';
import { USER_LIMITS } from './users.ts';

/** So long after its last event a client of Aevum goes on with a session, minutes. */
export const SESSION_IDLE_MINUTES = 30;

const textSchema = z.string().min(1).max(2_000);

const limitSchema = z.coerce.number().int().min(1).max(PAGE_LIMITS.max);

const atLeast = (description: string, example: number) =>
  z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional().openapi({ description, example });

/** Query string of `GET /api/sessions`. */
export const sessionListQuerySchema = z.strictObject({
  range: z.string().max(64).optional().openapi({
    description:
      'Sessions that began then, in the words of questions: `last 7 days` (if neither this nor `since` is sent), `today`, `previous month`, `all time`.',
    example: 'last 7 days',
  }),
  since: instantParameterSchema
    .optional()
    .openapi({ description: 'Instead of `range`: sessions that began at this instant or later.' }),
  until: instantParameterSchema
    .optional()
    .openapi({ description: 'With `since`: sessions that began before this instant. Now if absent.' }),
  timezone: timeZoneSchema,
  user_id: textSchema
    .optional()
    .openapi({ description: 'Only sessions with an event of this user.', example: 'u_1842' }),
  entry_page: textSchema.optional().openapi({ description: 'Only those that began on this page.' }),
  exit_page: textSchema.optional().openapi({ description: 'Only those that ended on this page.' }),
  country: textSchema.optional().openapi({ description: 'Only those from there.', example: 'DE' }),
  device_type: textSchema.optional().openapi({ example: 'mobile' }),
  min_duration_ms: atLeast('Only those that took at least so long, first event to last.', 60_000),
  min_events: atLeast('Only those with at least so many events.', 5),
  bounced: z.enum(['true', 'false']).optional().openapi({
    description:
      'Only those that bounced: one view and, but for passive ones, no other event. Or all others.',
  }),
  filter: z.string().max(USER_LIMITS.filterMax).optional().openapi({
    description:
      'Only sessions with an event for which it holds: a filter of the query language as JSON, URL-encoded.',
    example: '{"field":"properties.plan","op":"eq","value":"pro"}',
  }),
  as_of: asOfParameterSchema,
  limit: limitSchema.max(200).default(50).openapi({ description: 'Sessions of the page.', example: 50 }),
  cursor: cursorSchema.optional(),
});
export type SessionListQuery = z.infer<typeof sessionListQuerySchema>;

const page = (which: string) =>
  z
    .string()
    .nullable()
    .openapi({ description: `\`page\` of the ${which} view that has one.`, example: '/pricing' });
const earliest = (what: string) =>
  z
    .string()
    .nullable()
    .openapi({ description: `Of the earliest event that has ${what}.` });

/** One session, as lists tell it. */
export const listedSessionSchema = z
  .object({
    session_id: z.string().openapi({ example: 's_77120' }),
    began_at: instantSchema.openapi({ description: 'Its first event.' }),
    last_at: instantSchema.openapi({ description: 'Its last event so far.' }),
    duration_ms: z.number().int().openapi({ description: 'Between the two.', example: 192_000 }),
    open: z.boolean().openapi({
      description: `Its last event is at most ${SESSION_IDLE_MINUTES} minutes ago: it may go on. Late events join others as well.`,
    }),
    events: z.number().int().openapi({ example: 14 }),
    views: z.number().int().openapi({ description: 'Of type `page_view` or `screen_view`.', example: 6 }),
    bounced: z.boolean(),
    entry_page: page('first'),
    exit_page: page('last'),
    user_id: z.string().nullable().openapi({
      description: 'Of the latest event that names a user.',
      example: 'u_1842',
    }),
    users: z
      .number()
      .int()
      .openapi({ description: 'Distinct users whom its events name: mostly one, or none.', example: 1 }),
    referrer: z.string().nullable().openapi({ description: 'Of the first view.' }),
    country: earliest('a country'),
    region: earliest('a region'),
    device_type: earliest('a device type'),
    os: earliest('an operating system'),
    browser: earliest('a browser'),
  })
  .openapi('ListedSession');
export type ListedSession = z.infer<typeof listedSessionSchema>;

const { as_of, freshness, range, statistics } = answerShape;

/** Answer to `GET /api/sessions`. */
export const sessionListAnswerSchema = z
  .object({
    sessions: z.array(listedSessionSchema).openapi({
      description: 'That began last first; of those of one instant in any order, always the same.',
    }),
    next_cursor: nextCursorSchema,
    ...{ as_of, freshness, range, statistics },
  })
  .openapi('SessionListAnswer');
export type SessionListAnswer = z.infer<typeof sessionListAnswerSchema>;

/** Path of the route of one session. */
export const oneSessionPathSchema = z.object({
  id: textSchema.openapi({
    param: { name: 'id', in: 'path' },
    description: '`session_id` of its events, URL-encoded.',
    example: 's_77120',
  }),
});

/** Query string of `GET /api/sessions/{id}`. */
export const oneSessionQuerySchema = z.strictObject({
  as_of: asOfParameterSchema,
  limit: limitSchema
    .default(PAGE_LIMITS.default)
    .openapi({ description: 'Events of the page.', example: 100 }),
  cursor: cursorSchema.optional(),
});
export type OneSessionQuery = z.infer<typeof oneSessionQuerySchema>;

/** Answer to `GET /api/sessions/{id}`. */
export const oneSessionAnswerSchema = z
  .object({
    session: listedSessionSchema.openapi({ description: 'All of it, whatever the page.' }),
    events: z
      .array(storedEventSchema)
      .openapi({ description: 'As they happened: by `timestamp`, then by position.' }),
    next_cursor: nextCursorSchema,
    ...{ as_of, freshness, statistics },
  })
  .openapi('OneSessionAnswer');
export type OneSessionAnswer = z.infer<typeof oneSessionAnswerSchema>;
