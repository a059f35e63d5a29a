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
  /** Characters of a type or key that may be described. */
  describedNameMax: 200,
  /** Characters of a description. */
  descriptionMax: 1_000,
  /** Characters of an owner. */
  ownerMax: 100,
  /** Types of a project that are described. */
  describedTypesMax: 1_000,
  /** Properties of a project that are described. */
  describedPropertiesMax: 5_000,
  /** A statement that takes longer is given up. */
  timeoutMs: 10_000,
} as const;

const textSchema = z.string().min(1).max(QUERY_LIMITS.textMax);
const searchSchema = textSchema
  .optional()
  .openapi({ description: 'Only those in which this text occurs, whatever its case.', example: 'cart' });
const typesSearchSchema = searchSchema.openapi({
  description: 'Only those in whose name, description or owner this text occurs, whatever its case.',
  example: 'cart',
});

const asOfSchema = positionSchema
  .nullable()
  .openapi({ description: 'Every event up to this governed position is in the answer.' });

/** Query string of `GET /api/catalog/types`. */
export const catalogTypesQuerySchema = z.strictObject({
  since: instantParameterSchema
    .optional()
    .openapi({ description: 'Only events from then on. All if absent.', example: 'now-30d' }),
  until: instantParameterSchema.optional().openapi({ description: 'Only events before.' }),
  search: typesSearchSchema,
  limit: z.coerce.number().int().min(1).max(CATALOG_LIMITS.typesMax).default(200),
});
export type CatalogTypesQuery = z.infer<typeof catalogTypesQuerySchema>;

const descriptionSchema = z
  .string()
  .openapi({ description: 'What people say it is; empty: nothing yet.', example: 'A page was looked at.' });
const ownerSchema = z.string().openapi({
  description: 'Who answers for it, in free words: a team, a person, an address. Empty: nobody is named.',
  example: 'Team Web',
});
const describedVersionSchema = z
  .number()
  .int()
  .openapi({ description: 'Of the description: one more with each change; 0: there was none.', example: 1 });

const catalogTypeSchema = z
  .object({
    type: z.string().openapi({ example: 'page_view' }),
    events: z.number().int().openapi({ example: 48_210 }),
    first_seen: instantSchema.nullable().openapi({
      description: 'Of the events of the range, by `timestamp`; to ten seconds. Null: there are none.',
    }),
    last_seen: instantSchema.nullable(),
    description: descriptionSchema,
    owner: ownerSchema,
    version: describedVersionSchema,
  })
  .openapi('CatalogType');
export type CatalogType = z.infer<typeof catalogTypeSchema>;

/** Answer to `GET /api/catalog/types`. */
export const catalogTypesAnswerSchema = z
  .object({
    types: z.array(catalogTypeSchema).openapi({
      description: 'Most events first; behind them those that are described and have none.',
    }),
    has_more: z.boolean().openapi({ description: 'Whether there are more than `limit`.' }),
    as_of: asOfSchema,
  })
  .openapi('CatalogTypesAnswer');
export type CatalogTypesAnswer = z.infer<typeof catalogTypesAnswerSchema>;

/** The address of a type in the catalog. */
export const catalogTypePathSchema = z.object({
  type: z
    .string()
    .min(1)
    .max(CATALOG_LIMITS.describedNameMax)
    .openapi({ param: { name: 'type', in: 'path' }, description: 'URL-encoded.', example: 'page_view' }),
});

/** The address of a property of a type. */
export const catalogPropertyPathSchema = catalogTypePathSchema.extend({
  key: z
    .string()
    .min(1)
    .max(CATALOG_LIMITS.describedNameMax)
    .openapi({
      param: { name: 'key', in: 'path' },
      description: 'Key at the first level of `properties`, URL-encoded.',
      example: 'plan',
    }),
});

const changeFields = {
  description: z.string().trim().max(CATALOG_LIMITS.descriptionMax).openapi({
    description: 'What it is, as text. Empty: nothing is said any more.',
    example: 'A page was looked at.',
  }),
  version: z.number().int().min(0).openapi({
    description:
      'The version that this change was made from (0: there is none yet): if there is a later one, 409.',
    example: 0,
  }),
} as const;

/** What is said of a type from now on. */
export const typeDescriptionSchema = z
  .strictObject({
    ...changeFields,
    owner: z.string().trim().max(CATALOG_LIMITS.ownerMax).openapi({
      description: 'Who answers for it, in free words: a team, a person, an address. Empty: nobody is named.',
      example: 'Team Web',
    }),
  })
  .openapi('TypeDescription');
export type TypeDescription = z.infer<typeof typeDescriptionSchema>;

/** What is said of a property from now on. */
export const propertyDescriptionSchema = z.strictObject(changeFields).openapi('PropertyDescription');
export type PropertyDescription = z.infer<typeof propertyDescriptionSchema>;

const describedStamps = {
  description: descriptionSchema,
  version: describedVersionSchema,
  updated_at: instantSchema,
  updated_by: z.string().openapi({ description: 'Who saved it last.', example: 'ada' }),
} as const;

/** Answer to `PUT /api/catalog/types/{type}`. */
export const describedTypeSchema = z
  .object({ type: z.string().openapi({ example: 'page_view' }), owner: ownerSchema, ...describedStamps })
  .openapi('DescribedType');
export type DescribedType = z.infer<typeof describedTypeSchema>;

/** Answer to `PUT /api/catalog/types/{type}/properties/{key}`. */
export const describedPropertySchema = z
  .object({
    type: z.string().openapi({ example: 'sign_up' }),
    key: z.string().openapi({ example: 'plan' }),
    ...describedStamps,
  })
  .openapi('DescribedProperty');
export type DescribedProperty = z.infer<typeof describedPropertySchema>;

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
    description: descriptionSchema.openapi({
      description:
        'What people say it is in events of the type that was asked for; empty: nothing, or none was.',
      example: 'What the account pays for.',
    }),
    version: describedVersionSchema,
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
