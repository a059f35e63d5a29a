import { z } from '@hono/zod-openapi';

import {
  asOfParameterSchema,
  cursorSchema,
  instantParameterSchema,
  instantSchema,
  nextCursorSchema,
  positionSchema,
} from './common.ts';
import { PAGE_LIMITS } from './events.ts';

/** Limits of what is told of one user. */
export const USER_LIMITS = {
  /** Types of events that are listed. */
  typesMax: 200,
  /** The latest `identify` events whose traits are merged. */
  identifiesMax: 100,
  /** Characters of a filter in an address. */
  filterMax: 8_000,
} as const;

const textSchema = z.string().min(1).max(2_000);

const limitSchema = z.coerce
  .number()
  .int()
  .min(1)
  .max(PAGE_LIMITS.max)
  .default(PAGE_LIMITS.default)
  .openapi({ description: 'Rows of the page.', example: 100 });

/** What a list of users may be sorted by. */
export const USER_SORTS = ['last_seen', 'first_seen', 'events', 'user_id'] as const;
export type UserSort = (typeof USER_SORTS)[number];

/** Query string of `GET /api/users`. */
export const usersQuerySchema = z.strictObject({
  prefix: textSchema
    .optional()
    .openapi({ description: 'Only users whose id begins so; upper and lower case differ.', example: 'u_18' }),
  type: textSchema.optional().openapi({
    description: 'Only users with an event of this type (that meets `filter`, `since` and `until`).',
    example: 'purchase',
  }),
  filter: z.string().max(USER_LIMITS.filterMax).optional().openapi({
    description:
      'Only users with an event for which it holds: a filter of the query language as JSON, URL-encoded.',
    example: '{"field":"properties.plan","op":"eq","value":"pro"}',
  }),
  since: instantParameterSchema
    .optional()
    .openapi({ description: 'Only users with such an event at this instant or later.', example: 'now-7d' }),
  until: instantParameterSchema
    .optional()
    .openapi({ description: 'Only users with such an event before this instant.' }),
  sort: z.enum(USER_SORTS).default('last_seen').openapi({
    description:
      'Latest, first seen last, or most events first; or by id. By id pages never shift; otherwise a user who is active meanwhile moves to the front, unless `as_of` is sent.',
  }),
  as_of: asOfParameterSchema,
  limit: limitSchema,
  cursor: cursorSchema.optional(),
});
export type UsersQuery = z.infer<typeof usersQuerySchema>;

const userIdSchema = z.string().openapi({ example: 'u_1842' });
const eventsSchema = z.number().int().openapi({ description: 'Events, ever.', example: 214 });

const listedUserSchema = z
  .object({
    user_id: userIdSchema,
    first_seen: instantSchema,
    last_seen: instantSchema,
    events: eventsSchema,
  })
  .openapi('ListedUser');

const asOfSchema = positionSchema
  .nullable()
  .openapi({ description: 'Every event up to this governed position is in the answer.' });

/** Answer to `GET /api/users`. */
export const usersAnswerSchema = z
  .object({
    users: z.array(listedUserSchema),
    next_cursor: nextCursorSchema,
    as_of: asOfSchema,
  })
  .openapi('UsersAnswer');
export type UsersAnswer = z.infer<typeof usersAnswerSchema>;

/** Path of the routes of one user. */
export const userPathSchema = z.object({
  id: textSchema.openapi({
    param: { name: 'id', in: 'path' },
    description: '`user_id` of its events, URL-encoded.',
    example: 'u_1842',
  }),
});

const latest = (what: string) =>
  z
    .string()
    .nullable()
    .openapi({ description: `Of the latest event that has ${what}.` });

const profileShape = {
  user_id: userIdSchema,
  first_seen: instantSchema,
  last_seen: instantSchema,
  events: eventsSchema,
  sessions: z.number().int().openapi({ description: 'Distinct `session_id`.', example: 12 }),
  country: latest('a country'),
  region: latest('a region'),
  device_type: latest('a device type'),
  os: latest('an operating system'),
  browser: latest('a browser'),
  traits: z.record(z.string(), z.unknown()).openapi({
    description:
      'What `identify` events told of the user in `properties.traits`: of each trait the latest value, from the latest 100 such events.',
    example: { plan: 'pro' },
  }),
  revenue: z
    .array(
      z.object({
        currency: z.string().nullable().openapi({ example: 'EUR' }),
        events: z.number().int().openapi({ description: 'Events with a value.', example: 3 }),
        total: z.number().openapi({ example: 179.7 }),
        total_exact: z.string().openapi({ example: '179.700000' }),
      }),
    )
    .openapi({ description: 'Sum of `value`, one entry a currency, by name.' }),
} as const;

/** Answer to `GET /api/users/{id}/profile`. */
export const userProfileSchema = z.object({ ...profileShape, as_of: asOfSchema }).openapi('UserProfile');
export type UserProfile = z.infer<typeof userProfileSchema>;

/** Answer to `GET /api/users/{id}`. */
export const userAnswerSchema = z
  .object({
    ...profileShape,
    active_days: z.number().int().openapi({ description: 'Days (UTC) with an event.', example: 9 }),
    types: z
      .array(
        z.object({
          type: z.string().openapi({ example: 'page_view' }),
          events: z.number().int().openapi({ example: 120 }),
        }),
      )
      .openapi({ description: 'Events by type, most first; at most 200 types.' }),
    as_of: asOfSchema,
  })
  .openapi('UserAnswer');
export type UserAnswer = z.infer<typeof userAnswerSchema>;

/** Query string of `GET /api/users/{id}/timeline`. */
export const timelineQuerySchema = z.strictObject({
  type: textSchema.optional().openapi({ description: 'Only events of this type.', example: 'purchase' }),
  since: instantParameterSchema.optional().openapi({ description: 'Only events at this instant or later.' }),
  until: instantParameterSchema.optional().openapi({ description: 'Only events before this instant.' }),
  as_of: asOfParameterSchema,
  limit: limitSchema,
  cursor: cursorSchema.optional(),
});
export type TimelineQuery = z.infer<typeof timelineQuerySchema>;
