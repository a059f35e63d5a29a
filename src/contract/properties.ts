import { z } from '@hono/zod-openapi';

import { instantSchema } from './common.ts';

/** Where a promotion stands. */
export const PROMOTION_STATES = ['none', 'building', 'ready', 'failed'] as const;

const propertySchema = z
  .object({
    key: z.string().openapi({ description: 'Key in `properties`, at its first level.', example: 'plan' }),
    asked: z.number().int().openapi({
      description:
        'Queries that used it since the start of the server: in lists those of the project, after a promotion those of all.',
      example: 17,
    }),
    promotion: z.enum(PROMOTION_STATES).openapi({
      description:
        '`none`: read from the JSON text at each query. `building`: its column is being filled; queries may still read the text. `ready`: queries read a column of its own.',
      example: 'ready',
    }),
    promoted_at: instantSchema.nullable(),
    pinned: z.boolean().openapi({ description: 'Promoted by hand: never given up automatically.' }),
    bytes: z.number().int().nullable().openapi({
      description:
        'Size of its column on disk, of all projects together: what the promotion costs. 0 while there are few rows; null without `platform:read`.',
      example: 48_210,
    }),
    error: z.string().nullable().openapi({ description: 'Why the last attempt failed.', example: null }),
  })
  .openapi('Property');
export type Property = z.infer<typeof propertySchema>;

/** Answer to `GET /api/properties`. */
export const propertiesAnswerSchema = z
  .object({
    budget: z.object({
      promoted: z.number().int().nullable().openapi({
        description: 'Columns that there are, of all projects together; null without `platform:read`.',
        example: 3,
      }),
      max: z.number().int().openapi({ description: 'The option `promoted-properties-max`.', example: 50 }),
    }),
    properties: z
      .array(propertySchema)
      .openapi({ description: 'Promoted ones first, then those that queries ask for most.' }),
  })
  .openapi('PropertiesAnswer', {
    description:
      'Properties are stored as JSON text. Keys that queries ask for get a column of their own by themselves; the answers are the same, only sooner.',
  });
export type PropertiesAnswer = z.infer<typeof propertiesAnswerSchema>;

/** Path of `PUT` and `DELETE /api/properties/{key}/promotion`. */
export const propertyPathSchema = z.object({
  key: z
    .string()
    .min(1)
    .max(256)
    .openapi({ param: { name: 'key', in: 'path' }, example: 'plan' }),
});

/** Answer to a promotion or its end. */
export const promotionAnswerSchema = z.object({ property: propertySchema }).openapi('PromotionAnswer');
export type PromotionAnswer = z.infer<typeof promotionAnswerSchema>;
