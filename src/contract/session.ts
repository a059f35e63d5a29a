import { z } from '@hono/zod-openapi';

import { PERMISSION_NAMES, ROLES } from '../access/permissions.ts';
import { instantSchema } from './common.ts';
import { emailSchema, passwordSchema, userSchema } from './members.ts';

/** Name of the parameter of the query string by which a session says which project it means. */
export const PROJECT_PARAMETER = 'project';

/** Answer to `GET` and `POST /api/session`. */
export const sessionAnswerSchema = z
  .object({
    signed_in: z.literal(true),
    user: userSchema.nullable().openapi({ description: 'Null: a key or a printed link opened the session.' }),
    project: z.string().openapi({
      description: 'The project that this answer is about: the one asked for by `?project=`.',
      example: 'default',
    }),
    projects: z
      .array(
        z.object({
          name: z.string().openapi({ example: 'default' }),
          created_at: instantSchema,
          timezone: z.string().nullable().openapi({
            description: 'The time zone that its pages go by, IANA name; null: none was chosen.',
            example: 'Europe/Berlin',
          }),
        }),
      )
      .openapi({ description: 'The projects that the session sees, oldest first.' }),
    role: z.enum(ROLES).openapi({ description: 'In this project.', example: 'owner' }),
    permissions: z.array(z.enum(PERMISSION_NAMES)).openapi({
      description: 'What it may do in this project. Never `events:send`: events need a key.',
      example: ['data:read', 'personal:read', 'sql:run', 'insights:write'],
    }),
    public_url: z.string().openapi({
      description: 'The address under which clients reach this server.',
      example: 'http://127.0.0.1:8080',
    }),
    write_key: z.string().nullable().openapi({
      description:
        'The first write key of the project, where it is still known: as long as it stands in credentials.json; for those who administer the project. Otherwise null.',
      example: null,
    }),
  })
  .openapi('SessionAnswer');
export type SessionAnswer = z.infer<typeof sessionAnswerSchema>;

/** Query string of `GET /api/session`. */
export const sessionQuerySchema = z.object({
  [PROJECT_PARAMETER]: z.string().max(100).optional().openapi({
    description: 'The project. The first that the session sees, if left out.',
  }),
});

/** Signing in with a key. */
export const signInByKeySchema = z
  .strictObject({
    key: z.string().min(1).max(256).openapi({ description: 'An admin key.', example: 'aev_a_...' }),
  })
  .openapi('SignInByKey');

/** Signing in with e-mail and password. */
export const signInByPasswordSchema = z
  .strictObject({ email: emailSchema, password: passwordSchema })
  .openapi('SignInByPassword');

/** Body of `POST /api/session`. */
export const signInSchema = z.union([signInByPasswordSchema, signInByKeySchema]).openapi('SignIn');

/** Answer to `DELETE /api/session`. */
export const signedOutSchema = z.object({ signed_in: z.literal(false) }).openapi('SignedOut');
export type SignedOut = z.infer<typeof signedOutSchema>;
