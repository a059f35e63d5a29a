import { z } from '@hono/zod-openapi';

import { SCOPES } from '../access/permissions.ts';
import { instantSchema } from './common.ts';

/** Kinds of keys that can be made. */
export const KEY_KIND_NAMES = ['write', 'read', 'admin'] as const;

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
  })
  .openapi('Key');

/** One key as lists show it. */
export type KeyAnswer = z.infer<typeof keySchema>;

/** Body of `POST /api/keys`. */
export const newKeySchema = z
  .strictObject({
    kind: z
      .enum(KEY_KIND_NAMES)
      .openapi({ description: 'write: send events. read: query. admin: both, and administer.' }),
    name: z
      .string()
      .min(1)
      .max(200)
      .openapi({ description: 'What people call it.', example: 'dashboard in the hall' }),
  })
  .openapi('NewKey');

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
