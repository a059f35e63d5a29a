import { z } from '@hono/zod-openapi';

import { ORIGINS_MAX } from '../access/origins.ts';
import { SCOPES } from '../access/permissions.ts';
import { instantSchema, NOT_PLAIN, PLAIN_TEXT } from './common.ts';

/** Kinds of keys that can be made. */
export const KEY_KIND_NAMES = ['write', 'read', 'admin'] as const;

const DAY_S = 86_400;
const GRACE_S_USUAL = DAY_S;
const GRACE_S_MAX = 90 * DAY_S;

const keySchema = z
  .object({
    id: z.string().openapi({ description: 'What revoking takes.', example: 'key_3f9a1c04b7de' }),
    name: z.string().openapi({ example: 'dashboard in the hall' }),
    prefix: z
      .string()
      .openapi({ description: 'How the key begins, to recognise it by.', example: 'aev_r_8Kc2pQ' }),
    scopes: z.array(z.enum(SCOPES)).openapi({ example: ['read'] }),
    created_at: instantSchema,
    last_used_at: instantSchema.nullable().openapi({ description: 'Exact to a minute.' }),
    revoked_at: instantSchema.nullable(),
    expires_at: instantSchema.nullable().openapi({
      description: 'From then on it is refused. Null: it does not end by itself.',
      example: null,
    }),
    origins: z.array(z.string()).openapi({
      description: 'Only pages of these origins may use it. Empty: whoever has it may.',
      example: [],
    }),
  })
  .openapi('Key');

/** One key as lists show it. */
export type KeyAnswer = z.infer<typeof keySchema>;

/** Body of `POST /api/keys`. */
export const newKeySchema = z
  .strictObject({
    kind: z.enum(KEY_KIND_NAMES).optional().openapi({
      description: 'write: send events. read: query. admin: everything. Instead of `scopes`.',
    }),
    scopes: z
      .array(z.enum(SCOPES))
      .min(1)
      .max(SCOPES.length)
      .optional()
      .openapi({
        description:
          'Instead of `kind`. ingest: send events. read: query, and see single events and users. sql: read, and ask in SQL. admin: everything within the project.',
        example: ['ingest'],
      }),
    name: z
      .string()
      .min(1)
      .max(200)
      .regex(PLAIN_TEXT, NOT_PLAIN)
      .openapi({ description: 'What people call it.', example: 'dashboard in the hall' }),
    expires_at: z.iso
      .datetime({ offset: true })
      .optional()
      .openapi({ description: 'From then on it is refused, ISO 8601. Left out: never.' }),
    origins: z
      .array(z.string().max(200))
      .max(ORIGINS_MAX)
      .optional()
      .openapi({
        description:
          'Only pages of these origins may use it: `https://shop.example.com`, or `https://*.example.com` for every host below. For keys with the scope `ingest` only. Requests without the header `Origin` are refused then.',
        example: ['https://*.example.com'],
      }),
  })
  .refine(({ kind, scopes }) => (kind === undefined) !== (scopes === undefined), {
    message: 'Give either "kind" or "scopes".',
  })
  .openapi('NewKey');

/** Body of `POST /api/keys/{id}/rotate`. */
export const rotationSchema = z
  .strictObject({
    grace_s: z.number().int().min(0).max(GRACE_S_MAX).default(GRACE_S_USUAL).openapi({
      description: 'The old key is good for so many seconds still.',
    }),
  })
  .openapi('KeyRotation');

/** Answer to `GET /api/keys`. */
export const keysAnswerSchema = z.object({ keys: z.array(keySchema) }).openapi('KeysAnswer');
export type KeysAnswer = z.infer<typeof keysAnswerSchema>;

/** Answer to `POST /api/keys`. */
export const createdKeySchema = z
  .object({
    key: z.string().openapi({ description: 'The key itself. It is shown this once and stored nowhere.' }),
    info: keySchema,
  })
  .openapi('CreatedKey');
export type CreatedKey = z.infer<typeof createdKeySchema>;

/** Path of `DELETE /api/keys/{id}`. */
export const keyPathSchema = z.object({
  id: z
    .string()
    .min(1)
    .max(100)
    .openapi({ param: { name: 'id', in: 'path' }, example: 'key_3f9a1c04b7de' }),
});

/** Answer to `DELETE /api/keys/{id}`. */
export const revokedKeySchema = z.object({ id: z.string(), revoked: z.literal(true) }).openapi('RevokedKey');
export type RevokedKey = z.infer<typeof revokedKeySchema>;
