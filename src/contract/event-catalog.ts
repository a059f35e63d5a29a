import { z } from '@hono/zod-openapi';

import { instantParameterSchema, instantSchema, positionSchema } from './common.ts';
import { fieldSchema, QUERY_LIMITS } from './question.ts';

/** Limits of what is told of events for those who put questions together. */
export const CATALOG_LIMITS = {
  /** Types of one answer. */
  typesMax: 1_000,
  /** The newest events that properties are looked for in. */
  propertiesSample: 2_000,
  /** Properties of one answer. */
  propertiesMax: 500,
  /** The newest events that values are counted in. */
  valuesSample: 20_000,
  /** Values of one answer. */
  valuesMax: 100,
  /** Characters of a value; longer ones are cut off. */
  valueCharacters: 200,
  /** A statement that takes longer is given up. */
  timeoutMs: 10_000,
} as const;

const textSchema = z.string().min(1).max(QUERY_LIMITS.textMax);
const searchSchema = textSchema
  .optional()
  .openapi({ description: 'Only those in which this text occurs, whatever its case.', example: 'cart' });

const asOfSchema = positionSchema
  .nullable()
  .openapi({ description: 'Every event up to this governed position is in the answer.' });

/** Query string of `GET /api/catalog/types`. */
export const catalogTypesQuerySchema = z.strictObject({
  since: instantParameterSchema
    .optional()
    .openapi({ description: 'Only events from then on. All if absent.', example: 'now-30d' }),
  until: instantParameterSchema.optional().openapi({ description: 'Only events before.' }),
  search: searchSchema,
  limit: z.coerce.number().int().min(1).max(CATALOG_LIMITS.typesMax).default(200),
});
export type CatalogTypesQuery = z.infer<typeof catalogTypesQuerySchema>;

const catalogTypeSchema = z
  .object({
    type: z.string().openapi({ example: 'page_view' }),
    events: z.number().int().openapi({ example: 48_210 }),
    first_seen: instantSchema.openapi({
      description: 'Of the events of the range, by `timestamp`; to ten seconds.',
    }),
    last_seen: instantSchema,
  })
  .openapi('CatalogType');
export type CatalogType = z.infer<typeof catalogTypeSchema>;

/** Answer to `GET /api/catalog/types`. */
export const catalogTypesAnswerSchema = z
  .object({
    types: z.array(catalogTypeSchema).openapi({ description: 'Most events first.' }),
    has_more: z.boolean().openapi({ description: 'Whether there are more than `limit`.' }),
    as_of: asOfSchema,
  })
  .openapi('CatalogTypesAnswer');
export type CatalogTypesAnswer = z.infer<typeof catalogTypesAnswerSchema>;

/** Query string of `GET /api/catalog/properties`. */
export const catalogPropertiesQuerySchema = z.strictObject({
  type: textSchema
    .optional()
    .openapi({ description: 'Only of events of this type.', example: 'add_to_cart' }),
});
export type CatalogPropertiesQuery = z.infer<typeof catalogPropertiesQuerySchema>;

/** What the value of a property is, as JSON. */
export const PROPERTY_KINDS = ['text', 'number', 'boolean', 'list', 'object', 'null'] as const;
export type PropertyKind = (typeof PROPERTY_KINDS)[number];

const sampleSchema = z
  .object({
    events: z.number().int().openapi({ description: 'Events that were looked at.', example: 2_000 }),
    since: instantSchema.nullable().openapi({ description: 'The oldest of them. Null: there is none.' }),
  })
  .openapi('CatalogSample', {
    description: 'The newest events of the project (and type), so many at the most.',
  });

const catalogPropertySchema = z
  .object({
    key: z.string().openapi({ description: 'At the first level of `properties`.', example: 'plan' }),
    field: fieldSchema.openapi({ description: 'What questions call it.', example: 'properties.plan' }),
    kinds: z
      .array(z.enum(PROPERTY_KINDS))
      .openapi({ description: 'What its values are, the most frequent first.', example: ['text'] }),
    events: z.number().int().openapi({ description: 'Events of the sample that have it.', example: 1_840 }),
    share: z.number().openapi({ description: '`events` as a share of the sample.', example: 0.92 }),
    promoted: z.boolean().openapi({ description: 'Whether it has a column of its own.' }),
  })
  .openapi('CatalogProperty');
export type CatalogProperty = z.infer<typeof catalogPropertySchema>;

/** Answer to `GET /api/catalog/properties`. */
export const catalogPropertiesAnswerSchema = z
  .object({
    properties: z.array(catalogPropertySchema).openapi({ description: 'Most frequent first.' }),
    sample: sampleSchema,
    as_of: asOfSchema,
  })
  .openapi('CatalogPropertiesAnswer');
export type CatalogPropertiesAnswer = z.infer<typeof catalogPropertiesAnswerSchema>;

/** Query string of `GET /api/catalog/values`. */
export const catalogValuesQuerySchema = z.strictObject({
  field: fieldSchema,
  type: textSchema.optional().openapi({ description: 'Only of events of this type.' }),
  search: searchSchema,
  limit: z.coerce.number().int().min(1).max(CATALOG_LIMITS.valuesMax).default(20),
});
export type CatalogValuesQuery = z.infer<typeof catalogValuesQuerySchema>;

/** Answer to `GET /api/catalog/values`. */
export const catalogValuesAnswerSchema = z
  .object({
    field: z.string().openapi({ example: 'country' }),
    values: z
      .array(
        z
          .object({
            value: z.string().openapi({
              description: `As text; at most its first ${CATALOG_LIMITS.valueCharacters} characters.`,
              example: 'DE',
            }),
            events: z.number().int().openapi({ description: 'Events of the sample with it.', example: 812 }),
          })
          .openapi('CatalogValue'),
      )
      .openapi({ description: 'Most frequent first.' }),
    sample: sampleSchema,
    as_of: asOfSchema,
  })
  .openapi('CatalogValuesAnswer');
export type CatalogValuesAnswer = z.infer<typeof catalogValuesAnswerSchema>;
